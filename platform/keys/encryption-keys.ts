import { KeelsonError } from '../../core/errors.ts';

/** A key of the ring. */
export type Key = { readonly id: string; readonly key: Buffer };

/**
 * Reads `id:base64key[,id:base64key...]`, or one bare key, which gets the id `k1`. A ring in which a key could never be
 * used is refused: it would seal what nothing opens.
 */
export function readKeys(spec: string): readonly [Key, ...Key[]] {
  const texts = spec.split(',');
  if (texts.length > 1 && texts.some((text) => !text.includes(':'))) {
    throw badRing('several keys each need an id, and one of them has none; a key that stood alone was k1');
  }
  const keys = texts.map(parseKey);
  for (const [position, { id, key }] of keys.entries()) {
    const before = keys.slice(0, position);
    if (before.some((other) => other.id === id)) throw badRing(`two keys are called ${id}`);
    const same = before.find((other) => other.key.equals(key));
    if (same !== undefined) throw badRing(`${same.id} and ${id} are the same key`);
  }
  return keys as [Key, ...Key[]];
}

function parseKey(text: string): Key {
  const colon = text.indexOf(':');
  const id = colon === -1 ? 'k1' : text.slice(0, colon).trim();
  const key = Buffer.from(text.slice(colon + 1).trim(), 'base64');
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) throw badKey('a key id must be 1 to 32 letters, digits, _ or -');
  if (key.length !== 32)
    throw badKey(`key ${id} has ${key.length} bytes after base64 decoding, 32 are needed`);
  return { id, key };
}

function badRing(why: string): KeelsonError {
  return new KeelsonError(
    'invalid-argument',
    `KEELSON_ENCRYPTION_KEY can't be used: ${why}; write k2:<new key>,k1:<key so far>, each key with the id that it has always had`,
  );
}

function badKey(why: string): KeelsonError {
  return new KeelsonError(
    'invalid-argument',
    `KEELSON_ENCRYPTION_KEY can't be used: ${why}; correct it, as what is stored can be read with the same key only; a new installation makes one with openssl rand -base64 32`,
  );
}
