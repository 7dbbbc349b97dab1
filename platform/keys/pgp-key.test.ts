import { describe, expect, test } from 'vitest';
import { armoredKey } from '../../test/support/render/pgp-key.ts';
import { readPgpKeys } from './pgp-key.ts';

const facts = {
  keyId: 'D992F83E516385DE',
  fingerprint: 'F6CCA34770DAECC1C3C15E00D992F83E516385DE',
  owner: 'Robot One <robot@example.com>',
  keyType: 'ed25519',
};

describe('platform/pgp-key', () => {
  test('reads the id, owner and type of a key and writes the same key', () => {
    const [key, ...more] = readPgpKeys(armoredKey);
    expect(key).toEqual({ ...facts, armored: armoredKey });
    expect(more).toEqual([]);
  });

  test('takes several keys out of one text', () => {
    expect(readPgpKeys(`first:\n${armoredKey}second:\n${armoredKey}`)).toHaveLength(2);
  });

  test.each([
    ['nothing', 'canary', /is no armored key/],
    ['a cut block', armoredKey.replace(/^zKNH.*\n/m, ''), /is damaged/],
    ['an empty block', armoredKey.replace(/\n\n[\s\S]*\n-----END/, '\n\n-----END'), /holds no public key/],
    [
      'a secret key',
      armoredKey.replace('mDMEawHM', 'lDMEawHM').replaceAll('PUBLIC', 'PRIVATE'),
      /is a secret key, which stays with its owner/,
    ],
  ])('refuses %s with the remedy', (_what, text, message) => {
    expect(() => readPgpKeys(text)).toThrow(message);
    expect(() => readPgpKeys(text)).not.toThrow('canary');
  });
});
