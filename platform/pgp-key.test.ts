import { describe, expect, test } from 'vitest';
import { readPgpKeys } from './pgp-key.ts';

/** Made with gpg for this test; nobody has its secret half. */
const armored = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawHMrRYJKwYBBAHaRw8BAQdAKgd2RUwzLTYPp0Md+dDWPs/mYD44wiokoBKj
sUMh0+C0HVJvYm90IE9uZSA8cm9ib3RAZXhhbXBsZS5jb20+iJAEExYIADgWIQT2
zKNHcNrswcPBXgDZkvg+UWOF3gUCawHMrQIbAwULCQgHAgYVCgkICwIEFgIDAQIe
AQIXgAAKCRDZkvg+UWOF3vt+AP0TXP06qWHqTB+DfvozSKLmRIqWpZ4pT2b1klmQ
od67AAEAyQywvgzRlFnrZtMQY95oSyCCRytDNiZT5356eaxuPA4=
=bI2O
-----END PGP PUBLIC KEY BLOCK-----
`;
const facts = {
  keyId: 'D992F83E516385DE',
  fingerprint: 'F6CCA34770DAECC1C3C15E00D992F83E516385DE',
  owner: 'Robot One <robot@example.com>',
  keyType: 'ed25519',
};

describe('platform/pgp-key', () => {
  test('reads the id, owner and type of a key and writes the same key', () => {
    const [key, ...more] = readPgpKeys(armored);
    expect(key).toEqual({ ...facts, armored });
    expect(more).toEqual([]);
  });

  test('takes several keys out of one text', () => {
    expect(readPgpKeys(`first:\n${armored}second:\n${armored}`)).toHaveLength(2);
  });

  test.each([
    ['nothing', 'canary', /is no armored key/],
    ['a cut block', armored.replace(/^zKNH.*\n/m, ''), /is damaged/],
    ['an empty block', armored.replace(/\n\n[\s\S]*\n-----END/, '\n\n-----END'), /holds no public key/],
    [
      'a secret key',
      armored.replace('mDMEawHM', 'lDMEawHM').replaceAll('PUBLIC', 'PRIVATE'),
      /is a secret key, which stays with its owner/,
    ],
  ])('refuses %s with the remedy', (_what, text, message) => {
    expect(() => readPgpKeys(text)).toThrow(message);
    expect(() => readPgpKeys(text)).not.toThrow('canary');
  });
});
