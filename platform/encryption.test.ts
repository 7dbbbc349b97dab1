import { createCipheriv, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyring, generateKey } from './encryption.ts';

const first = `a:${Buffer.alloc(32, 1).toString('base64')}`;
const second = `b:${Buffer.alloc(32, 2).toString('base64')}`;
const secret = Buffer.from('top secret value');
const place = 'settings/a';

describe('platform/encryption', () => {
  it('opens what it sealed, and seals the same value differently each time', () => {
    const keyring = createKeyring(first);
    const sealed = keyring.seal('manifest', place, secret);
    expect(keyring.open('manifest', place, sealed)).toEqual(secret);
    expect(keyring.seal('manifest', place, secret).equals(sealed)).toBe(false);
    expect(sealed.includes('top secret')).toBe(false);
  });

  it('refuses a value that was sealed for another purpose', () => {
    const keyring = createKeyring(first);
    const sealed = keyring.seal('manifest', place, secret);
    expect(() => keyring.open('credentials', place, sealed)).toThrow(
      /sealed for another place, or the key is another one/,
    );
  });

  it('refuses a value that was sealed for another place', () => {
    const keyring = createKeyring(first);
    const sealed = keyring.seal('setting', place, secret);
    expect(() => keyring.open('setting', 'settings/b', sealed)).toThrow(/sealed for another place/);
  });

  it('opens values of earlier releases, which are bound to no place', () => {
    const key = hkdfSync('sha256', Buffer.alloc(32, 1), Buffer.alloc(0), 'keelson/setting', 32);
    const header = Buffer.from([1, 1, 'a'.charCodeAt(0)]);
    const nonce = Buffer.alloc(12, 7);
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), nonce).setAAD(header);
    const parts = [header, nonce, cipher.update(secret), cipher.final()];
    const sealed = Buffer.concat([...parts, cipher.getAuthTag()]);
    expect(createKeyring(first).open('setting', place, sealed)).toEqual(secret);
    expect(() => createKeyring(first).open('credentials', place, sealed)).toThrow();
    sealed[0] = 2;
    expect(() => createKeyring(first).open('setting', place, sealed)).toThrow();
  });

  it('seals under a key of its own in each process', () => {
    const [one, other] = [createKeyring(first), createKeyring(first)];
    const saltOf = (sealed: Buffer) => sealed.subarray(3, 19).toString('hex');
    const own = saltOf(one.seal('payload', place, secret));
    expect(saltOf(one.seal('manifest', place, secret))).toBe(own);
    expect(saltOf(other.seal('payload', place, secret))).not.toBe(own);
    expect(other.open('payload', place, one.seal('payload', place, secret))).toEqual(secret);
  });

  it('takes another salt before there is too much of one, and opens what either sealed', () => {
    const keyring = createKeyring(first, 3);
    const sealed = Array.from({ length: 8 }, () => keyring.seal('payload', place, secret));
    const bySalt = new Map<string, number>();
    for (const one of sealed) {
      const salt = one.subarray(3, 19).toString('hex');
      bySalt.set(salt, (bySalt.get(salt) ?? 0) + 1);
      expect(keyring.open('payload', place, one)).toEqual(secret);
    }
    expect(bySalt.size).toBeGreaterThanOrEqual(3);
    expect(Math.max(...bySalt.values())).toBeLessThanOrEqual(3);
  });

  it('refuses a value whose salt was changed', () => {
    const keyring = createKeyring(first);
    const sealed = keyring.seal('setting', place, secret);
    sealed[5] = (sealed[5] ?? 0) ^ 1;
    expect(() => keyring.open('setting', place, sealed)).toThrow(/can't be opened with key a/);
  });

  it('opens values of more processes than it keeps keys of', () => {
    const values = Array.from({ length: 2100 }, () => createKeyring(first).seal('payload', place, secret));
    const keyring = createKeyring(first);
    for (const sealed of [...values, ...values.slice(0, 10)])
      expect(keyring.open('payload', place, sealed).equals(secret)).toBe(true);
  });

  it.each([
    ['the ciphertext', -20],
    ['the tag', -1],
    ['the nonce', 4],
  ])('refuses a value with a changed byte in %s', (_, position) => {
    const keyring = createKeyring(first);
    const sealed = keyring.seal('setting', place, secret);
    const at = position < 0 ? sealed.length + position : position;
    sealed[at] = (sealed[at] ?? 0) ^ 1;
    expect(() => keyring.open('setting', place, sealed)).toThrow();
  });

  it('opens values of an older key after a new one was put in front, with equal digests', () => {
    const before = createKeyring(first);
    const after = createKeyring(`${second},${first}`);
    expect(after.activeKeyId).toBe('b');
    expect(after.open('payload', place, before.seal('payload', place, secret))).toEqual(secret);
    expect(after.digest('x')).toBe(before.digest('x'));
    expect(() => before.open('payload', place, after.seal('payload', place, secret))).toThrow(
      /key b is not in/,
    );
  });

  it('gives different digests under different keys', () => {
    expect(createKeyring(first).digest('x')).not.toBe(createKeyring(second).digest('x'));
  });

  it.each([
    ['an empty text', ''],
    ['a short key', 'a:c2hvcnQ='],
    ['a bad id', `sp ace:${Buffer.alloc(32).toString('base64')}`],
  ])('refuses %s with the remedy', (_, spec) => {
    expect(() => createKeyring(spec)).toThrow(/KEELSON_ENCRYPTION_KEY.*openssl rand -base64 32/);
  });

  const bare = Buffer.alloc(32, 3).toString('base64');
  it.each([
    [
      'two bare keys',
      `${bare},${first.slice(2)}`,
      /several keys each need an id.*k2:<new key>,k1:<key so far>/,
    ],
    ['a bare key behind another', `${first},${bare}`, /several keys each need an id/],
    ['two keys of one id', `${first},a:${bare}`, /two keys are called a/],
    ['one key under two ids', `${first},b:${first.slice(2)}`, /a and b are the same key/],
  ])('refuses %s at the start', (_, spec, words) => {
    expect(() => createKeyring(spec)).toThrow(words);
  });

  it('reads the keys it generates', () => {
    expect(createKeyring(generateKey()).activeKeyId).toBe('k1');
  });
});
