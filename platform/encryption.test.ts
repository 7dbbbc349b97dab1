import { describe, expect, it } from 'vitest';
import { createKeyring, generateKey } from './encryption.ts';

const first = `a:${Buffer.alloc(32, 1).toString('base64')}`;
const second = `b:${Buffer.alloc(32, 2).toString('base64')}`;
const secret = Buffer.from('top secret value');

describe('platform/encryption', () => {
  it('opens what it sealed, and seals the same value differently each time', () => {
    const keyring = createKeyring(first);
    const sealed = keyring.seal('manifest', secret);
    expect(keyring.open('manifest', sealed)).toEqual(secret);
    expect(keyring.seal('manifest', secret).equals(sealed)).toBe(false);
    expect(sealed.includes('top secret')).toBe(false);
  });

  it('refuses a value that was sealed for another purpose', () => {
    const keyring = createKeyring(first);
    const sealed = keyring.seal('manifest', secret);
    expect(() => keyring.open('credentials', sealed)).toThrow(/damaged or the key is another one/);
  });

  it.each([
    ['the ciphertext', -20],
    ['the tag', -1],
    ['the nonce', 4],
  ])('refuses a value with a changed byte in %s', (_, position) => {
    const keyring = createKeyring(first);
    const sealed = keyring.seal('setting', secret);
    const at = position < 0 ? sealed.length + position : position;
    sealed[at] = (sealed[at] ?? 0) ^ 1;
    expect(() => keyring.open('setting', sealed)).toThrow();
  });

  it('opens values of an older key after a new one was put in front, with equal digests', () => {
    const before = createKeyring(first);
    const after = createKeyring(`${second},${first}`);
    expect(after.activeKeyId).toBe('b');
    expect(after.open('payload', before.seal('payload', secret))).toEqual(secret);
    expect(after.digest('x')).toBe(before.digest('x'));
    expect(() => before.open('payload', after.seal('payload', secret))).toThrow(/key b is not in/);
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

  it('reads the keys it generates', () => {
    expect(createKeyring(generateKey()).activeKeyId).toBe('k1');
  });
});
