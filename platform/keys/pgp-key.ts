import { createHash } from 'node:crypto';
import { KeelsonError } from '../../core/errors.ts';

/** A public key of an armored block. */
export type PgpKey = {
  /** The last 16 hex digits of the fingerprint, in upper case. */
  readonly keyId: string;
  /** 40 hex digits, in upper case. */
  readonly fingerprint: string;
  /** The first user id, such as `Robot <robot@example.com>`. */
  readonly owner: string;
  /** `rsa4096`, `ed25519`, `dsa`. */
  readonly keyType: string;
  /** The key alone, armored. */
  readonly armored: string;
};

/** One packet of RFC 4880 with the bytes that it is made of. */
type Packet = { readonly tag: number; readonly body: Buffer; readonly whole: Buffer };

const tags = { secretKey: 5, publicKey: 6, secretSubkey: 7, userId: 13 } as const;

const algorithms: Readonly<Record<number, string>> = {
  1: 'rsa',
  2: 'rsa',
  3: 'rsa',
  16: 'elgamal',
  17: 'dsa',
  19: 'ecdsa',
  22: 'ed25519',
  27: 'ed25519',
};

/** Reads the public keys of an armored text; throws when there are none, or when it holds secret keys. */
export function readPgpKeys(text: string): PgpKey[] {
  const blocks = blocksOf(text);
  if (blocks.length === 0) {
    throw refused('is no armored key; export it with gpg --armor --export');
  }
  return blocks.flatMap((block) => keysOf(packetsOf(dearmor(block))));
}

/** From each beginning to the next end; a beginning inside another block is a part of it. */
function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let start: number | undefined;
  for (const { 0: mark, index } of text.matchAll(/-----(?:BEGIN|END) PGP [A-Z ]{1,40} BLOCK-----/g)) {
    if (mark.startsWith('-----BEGIN')) start ??= index;
    else if (start !== undefined) {
      blocks.push(text.slice(start, index + mark.length));
      start = undefined;
    }
  }
  return blocks;
}

function keysOf(packets: readonly Packet[]): PgpKey[] {
  if (packets.some(({ tag }) => tag === tags.secretKey || tag === tags.secretSubkey)) {
    throw refused(
      'is a secret key, which stays with its owner; export the public one with gpg --armor --export',
    );
  }
  const starts = packets.flatMap(({ tag }, index) => (tag === tags.publicKey ? [index] : []));
  if (starts.length === 0) throw refused('holds no public key; export it with gpg --armor --export');
  return starts.map((start, index) => keyOf(packets.slice(start, starts[index + 1])));
}

function keyOf(packets: readonly Packet[]): PgpKey {
  const [primary] = packets;
  if (primary === undefined || primary.body[0] !== 4) {
    throw refused('has a version that is not supported; use a version 4 key');
  }
  const { body } = primary;
  const length = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
  const fingerprint = createHash('sha1').update(length).update(body).digest('hex').toUpperCase();
  const owner = packets.find(({ tag }) => tag === tags.userId)?.body.toString('utf8') ?? '';
  const algorithm = algorithms[body[5] ?? 0] ?? 'unknown';
  // The first number of an RSA key is its modulus, led by its length in bits.
  const bits = algorithm === 'rsa' && body.length > 8 ? String(body.readUInt16BE(6)) : '';
  return {
    keyId: fingerprint.slice(-16),
    fingerprint,
    owner,
    keyType: `${algorithm}${bits}`,
    armored: armor(Buffer.concat(packets.map(({ whole }) => whole))),
  };
}

function dearmor(block: string): Buffer {
  const lines = block.split(/\r?\n/).slice(1, -1);
  const blank = lines.findIndex((line) => line.trim() === '');
  const isHeader = (line: string): boolean => /^[A-Za-z]+: /.test(line);
  const body = lines
    .slice(blank === -1 ? 0 : blank + 1)
    .filter((line) => !isHeader(line) && !line.startsWith('='));
  return Buffer.from(body.join(''), 'base64');
}

function packetsOf(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length; ) {
    const packet = packetAt(bytes, at);
    if (packet === undefined) throw refused('is damaged; export it again');
    packets.push(packet);
    at += packet.whole.length;
  }
  return packets;
}

function packetAt(bytes: Buffer, at: number): Packet | undefined {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  const isNew = (first & 0x40) !== 0;
  const tag = isNew ? first & 0x3f : (first >> 2) & 0x0f;
  const header = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, first & 0x03);
  if (header === undefined) return undefined;
  const start = at + 1 + header.width;
  const end = start + header.length;
  if (end > bytes.length) return undefined;
  return { tag, body: bytes.subarray(start, end), whole: bytes.subarray(at, end) };
}

type Length = { readonly length: number; readonly width: number };

function newLength(bytes: Buffer, at: number): Length | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 192) return { length: first, width: 1 };
  if (first < 224) return { length: ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192, width: 2 };
  // Partial lengths are for data of unknown size, never for keys.
  return first === 255 && at + 5 <= bytes.length
    ? { length: bytes.readUInt32BE(at + 1), width: 5 }
    : undefined;
}

function oldLength(bytes: Buffer, at: number, type: number): Length | undefined {
  const width = [1, 2, 4][type];
  if (width === undefined || at + width > bytes.length) return undefined;
  return { length: bytes.readUIntBE(at, width), width };
}

const beginning = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const ending = '-----END PGP PUBLIC KEY BLOCK-----';

function armor(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `${beginning}\n\n${lines.join('\n')}\n=${checksum(bytes)}\n${ending}\n`;
}

/** CRC-24 of RFC 4880, which older programs ask for. */
function checksum(bytes: Buffer): string {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return Buffer.from([(crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff]).toString('base64');
}

function refused(what: string): KeelsonError {
  return new KeelsonError('invalid-argument', `GnuPG key ${what}`);
}
