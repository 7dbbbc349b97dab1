import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { tokenForm } from './token-kinds.ts';
import { createTokenReader } from './token-reader.ts';

const start = new Date('2026-01-01T00:00:00Z');
const later = (seconds: number): Date => new Date(start.getTime() + seconds * 1000);
const secret = new TextEncoder().encode('a secret of thirty-two characters');
const otherSecret = new TextEncoder().encode('another one of thirty-two letters');

const issue = (sub = `admin${tokenForm.loginSuffix}`): Promise<string> =>
  new SignJWT({})
    .setProtectedHeader({ alg: tokenForm.algorithm })
    .setIssuer(tokenForm.issuer)
    .setSubject(sub)
    .setJti('the-token')
    .setIssuedAt(start.getTime() / 1000)
    .setNotBefore(start.getTime() / 1000)
    .setExpirationTime(start.getTime() / 1000 + 60)
    .sign(secret);

describe('api/auth/token-reader', () => {
  it('reads who a token belongs to, again and again', async () => {
    const read = createTokenReader();
    const token = await issue();
    const subject = { username: 'admin', tokenId: 'the-token', issuedAt: start, expiresAt: later(60) };
    expect(await read(token, secret, start)).toMatchObject(subject);
    expect(await read(token, new Uint8Array(secret), later(59))).toMatchObject(subject);
  });

  it('refuses a known token when it has expired, before it counts, and under another secret', async () => {
    const read = createTokenReader();
    const token = await issue();
    await read(token, secret, start);
    for (const [by, at] of [
      [secret, later(60)],
      [secret, later(-1)],
      [otherSecret, start],
    ] as const) {
      await expect(read(token, by, at)).rejects.toThrow('its token is not valid or has expired');
    }
    expect(await read(token, secret, start)).toMatchObject({ username: 'admin' });
  });

  it('refuses a token that is changed or of another kind, however often it comes', async () => {
    const read = createTokenReader();
    const token = await issue('admin:apiKey');
    const changed = `${token.slice(0, -2)}xx`;
    for (let turn = 0; turn < 2; turn++) {
      await expect(read(token, secret, start)).rejects.toThrow('its token is not a login');
      await expect(read(changed, secret, start)).rejects.toThrow('its token is not valid');
    }
  });
});
