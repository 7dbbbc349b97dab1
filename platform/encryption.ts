import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { createByteCache } from '../core/byte-cache.ts';
import { KeelsonError } from '../core/errors.ts';
import { readKeys } from './keys/encryption-keys.ts';

/** What a sealed value is for; each purpose has a key of its own, so one kind can't be passed off as another. */
export type SealPurpose = 'manifest' | 'credentials' | 'setting' | 'payload';

/** Keys that protect everything Keelson stores. */
export type Keyring = {
  /** Id of the key that new values are sealed with. */
  readonly activeKeyId: string;
  /** Seals a value for the one place where it will be opened, such as a row or a workflow. */
  seal(purpose: SealPurpose, place: string, plain: Uint8Array): Buffer;
  /** Throws when the value is damaged, was sealed for another place, or its key isn't in the ring. */
  open(purpose: SealPurpose, place: string, sealed: Uint8Array): Buffer;
  /** How values begin that are sealed as new ones are; others are to be sealed anew. */
  readonly currentPrefix: Buffer;
  /** Keyed digest (HMAC-SHA-256, hex): equal for equal content, tells nothing about it without the key. */
  digest(content: string | Uint8Array): string;
};

const saltBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
const formatVersion = 2;
/** Of earlier releases: the key of a purpose without a salt, bound to no place. */
const placelessVersion = 1;

/** A key with random nonces is good for 2^32 values; a new salt long before that makes a new key. */
const mostSealsPerSalt = 2 ** 28;
/** Each process that sealed has a salt of its own; making a key anew takes 30 microseconds. */
const derivedBytes = 900_000;
/** A key object, beside its name. */
const derivedKeyBytes = 300;

/**
 * Reads `id:base64key[,id:base64key...]` (or one bare base64 key, which gets the id `k1`); each key is 32 bytes, the
 * first seals, all open. Sealed form: version, key id length, key id, salt (16), nonce (12), ciphertext, tag (16);
 * AES-256-GCM under a key of the salt, with the header and the place as additional data. Digests use the last key so
 * that rotation at the front keeps them stable.
 */
export function createKeyring(spec: string, sealsPerSalt: number = mostSealsPerSalt): Keyring {
  const keys = readKeys(spec);
  const [active] = keys;
  const oldest = keys.at(-1) ?? active;
  const derived = createByteCache<KeyObject>(derivedBytes);
  const digestKey = createSecretKey(derive(oldest.key, 'digest'));

  const keyFor: KeyFinder = (purpose, header) => {
    const name = `${purpose}/${header.toString('latin1')}`;
    const cached = derived.get(name);
    if (cached !== undefined) return cached;
    const { id, salt } = readHeader(header);
    const root = keys.find((key) => key.id === id);
    if (root === undefined) {
      throw new KeelsonError(
        'unavailable',
        `encryption key ${id} is not in KEELSON_ENCRYPTION_KEY; add it after the active key, separated by a comma`,
      );
    }
    const ofPurpose = derive(root.key, purpose);
    // As a key object: given as bytes, a key is made into one with every use, which costs twice the sealing.
    const key = createSecretKey(salt.length === 0 ? ofPurpose : derive(ofPurpose, 'values', salt));
    derived.set(name, key, derivedKeyBytes);
    return key;
  };

  const currentPrefix = prefixOf(formatVersion, active.id);
  const nextSalting = saltSource(currentPrefix, keyFor, sealsPerSalt);
  return {
    activeKeyId: active.id,
    currentPrefix,
    seal(purpose, place, plain) {
      const { header, keyOf } = nextSalting();
      return seal(header, keyOf(purpose), place, plain);
    },
    open: (purpose, place, sealed) => open(sealed, purpose, place, keyFor),
    digest: (content) => createHmac('sha256', digestKey).update(content).digest('hex'),
  };
}

/** A fresh key in the form that createKeyring reads. */
export function generateKey(): string {
  return `k1:${randomBytes(32).toString('base64')}`;
}

/** The key of the values of a purpose that have this header. */
type KeyFinder = (purpose: SealPurpose, header: Buffer) => KeyObject;

function derive(root: Uint8Array, use: string, salt: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.from(hkdfSync('sha256', root, salt, `keelson/${use}`, 32));
}

/** What values of one salt are sealed with. */
type Salting = { readonly header: Buffer; readonly keyOf: (purpose: SealPurpose) => KeyObject };

/** One salt for all that a process seals in its life, and another one before there is too much of it. */
function saltSource(prefix: Buffer, keyFor: KeyFinder, sealsPerSalt: number): () => Salting {
  const renewed = (): Salting => {
    const header = Buffer.concat([prefix, randomBytes(saltBytes)]);
    const keys = new Map<SealPurpose, KeyObject>();
    const keyOf = (purpose: SealPurpose): KeyObject => {
      const key = keys.get(purpose) ?? keyFor(purpose, header);
      keys.set(purpose, key);
      return key;
    };
    return { header, keyOf };
  };
  let salting = renewed();
  let left = sealsPerSalt;
  return () => {
    left -= 1;
    if (left > 0) return salting;
    left = sealsPerSalt;
    salting = renewed();
    return salting;
  };
}

function prefixOf(version: number, keyId: string): Buffer {
  const id = Buffer.from(keyId, 'utf8');
  return Buffer.concat([Buffer.from([version, id.length]), id]);
}

function readHeader(header: Buffer): { id: string; salt: Buffer } {
  const idEnd = 2 + (header[1] ?? 0);
  return { id: header.subarray(2, idEnd).toString('utf8'), salt: header.subarray(idEnd) };
}

function seal(header: Buffer, key: KeyObject, place: string, plain: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(boundTo(header, place));
  return Buffer.concat([header, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The header tells its own length, so what follows it can't be taken for a part of it. */
function boundTo(header: Buffer, place: string): Buffer {
  return Buffer.concat([header, Buffer.from(place, 'utf8')]);
}

function open(sealed: Uint8Array, purpose: SealPurpose, place: string, keyFor: KeyFinder): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const [version, idLength = 0] = bytes;
  const isPlaceless = version === placelessVersion;
  const body = 2 + idLength + (isPlaceless ? 0 : saltBytes);
  if ((version !== formatVersion && !isPlaceless) || bytes.length < body + nonceBytes + tagBytes) {
    throw new KeelsonError('internal', 'sealed value has an unknown format');
  }
  const header = bytes.subarray(0, body);
  const nonce = bytes.subarray(body, body + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', keyFor(purpose, header), nonce)
    .setAAD(isPlaceless ? header : boundTo(header, place))
    .setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    return Buffer.concat([
      decipher.update(bytes.subarray(body + nonceBytes, bytes.length - tagBytes)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new KeelsonError(
      'internal',
      `sealed value can't be opened with key ${readHeader(header).id}: it is damaged, was sealed for another place, or the key is another one`,
      { cause },
    );
  }
}
