import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { KeelsonError } from '../core/errors.ts';

/** What a sealed value is for; each purpose has a key of its own, so one kind can't be passed off as another. */
export type SealPurpose = 'manifest' | 'credentials' | 'setting' | 'payload';

/** Keys that protect everything Keelson stores. */
export type Keyring = {
  /** Id of the key that new values are sealed with. */
  readonly activeKeyId: string;
  seal(purpose: SealPurpose, plain: Uint8Array): Buffer;
  /** Throws when the value is damaged or its key isn't in the ring. */
  open(purpose: SealPurpose, sealed: Uint8Array): Buffer;
  /** Keyed digest (HMAC-SHA-256, hex): equal for equal content, tells nothing about it without the key. */
  digest(content: string | Uint8Array): string;
};

const nonceBytes = 12;
const tagBytes = 16;
const formatVersion = 1;

/**
 * Reads `id:base64key[,id:base64key...]` (or one bare base64 key, which gets the id `k1`); each key is 32 bytes, the
 * first seals, all open. Sealed form: version, key id length, key id, nonce (12), ciphertext, tag (16); AES-256-GCM
 * with the header as additional data. Digests use the last key so that rotation at the front keeps them stable.
 */
export function createKeyring(spec: string): Keyring {
  const keys = spec.split(',').map(parseKey);
  const [active] = keys;
  const oldest = keys.at(-1);
  if (active === undefined || oldest === undefined) throw badKey('it is empty');
  const derived = new Map<string, KeyObject>();
  const digestKey = derive(oldest.key, 'digest');

  const keyFor = (id: string, purpose: SealPurpose): KeyObject => {
    const cached = derived.get(`${id}/${purpose}`);
    if (cached !== undefined) return cached;
    const root = keys.find((key) => key.id === id);
    if (root === undefined) {
      throw new KeelsonError(
        'unavailable',
        `encryption key ${id} is not in KEELSON_ENCRYPTION_KEY; add it after the active key, separated by a comma`,
      );
    }
    const key = derive(root.key, purpose);
    derived.set(`${id}/${purpose}`, key);
    return key;
  };

  return {
    activeKeyId: active.id,
    seal: (purpose, plain) => seal(active.id, keyFor(active.id, purpose), plain),
    open: (purpose, sealed) => open(sealed, (id) => keyFor(id, purpose)),
    digest: (content) => createHmac('sha256', digestKey).update(content).digest('hex'),
  };
}

/** A fresh key in the form that createKeyring reads. */
export function generateKey(): string {
  return `k1:${randomBytes(32).toString('base64')}`;
}

function parseKey(text: string): { id: string; key: Buffer } {
  const colon = text.indexOf(':');
  const id = colon === -1 ? 'k1' : text.slice(0, colon).trim();
  const key = Buffer.from(text.slice(colon + 1).trim(), 'base64');
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) throw badKey('a key id must be 1 to 32 letters, digits, _ or -');
  if (key.length !== 32)
    throw badKey(`key ${id} has ${key.length} bytes after base64 decoding, 32 are needed`);
  return { id, key };
}

function badKey(why: string): KeelsonError {
  return new KeelsonError(
    'invalid-argument',
    `KEELSON_ENCRYPTION_KEY can't be used: ${why}; correct it, as what is stored can be read with the same key only; a new installation makes one with openssl rand -base64 32`,
  );
}

/** As a key object: given as bytes, a key is made into one with every use, which costs twice as much as the sealing. */
function derive(root: Buffer, purpose: string): KeyObject {
  const bytes = hkdfSync('sha256', root, Buffer.alloc(0), `keelson/${purpose}`, 32);
  return createSecretKey(Buffer.from(bytes));
}

function seal(keyId: string, key: KeyObject, plain: Uint8Array): Buffer {
  const id = Buffer.from(keyId, 'utf8');
  const header = Buffer.concat([Buffer.from([formatVersion, id.length]), id]);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(header);
  return Buffer.concat([header, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(sealed: Uint8Array, keyFor: (id: string) => KeyObject): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const idLength = bytes[1] ?? 0;
  const body = 2 + idLength;
  if (bytes[0] !== formatVersion || bytes.length < body + nonceBytes + tagBytes) {
    throw new KeelsonError('internal', 'sealed value has an unknown format');
  }
  const id = bytes.subarray(2, body).toString('utf8');
  const nonce = bytes.subarray(body, body + nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', keyFor(id), nonce)
    .setAAD(bytes.subarray(0, body))
    .setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    return Buffer.concat([
      decipher.update(bytes.subarray(body + nonceBytes, bytes.length - tagBytes)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new KeelsonError(
      'internal',
      `sealed value can't be opened with key ${id}: it is damaged or the key is another one`,
      {
        cause,
      },
    );
  }
}
