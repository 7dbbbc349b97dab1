import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bootstrapSettings } from '../../../api/bootstrap.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { writeSetting } from '../../../db/queries/installation/setting.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { login, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';

let server: TestApi;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());
afterEach(() => {
  server.clock.now = undefined;
});

const json = { 'content-type': 'application/json' };

async function userInfo(headers: Record<string, string>) {
  const reply = await server.api.request('/api/v1/session/userinfo', { headers });
  return reply.json();
}

function list(headers: Record<string, string>) {
  return server.api.request('/api/v1/applications', { headers });
}

describe('api/auth', () => {
  test('login answers with a token and sets it as a cookie that scripts can not read', async () => {
    const { response, token } = await login(server.api, server.adminPassword);
    expect(response.status).toBe(200);
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toContain(`argocd.token=${token}`);
    for (const attribute of ['HttpOnly', 'SameSite=Lax', 'Secure', 'Path=/'])
      expect(cookie).toContain(attribute);
  });

  test('a wrong password and an unknown user get the same answer', async () => {
    for (const username of ['admin', 'nobody']) {
      const { response } = await login(server.api, 'wrong', username);
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({
        error: 'Invalid username or password',
        code: 16,
        message: 'Invalid username or password',
      });
    }
    await login(server.api, server.adminPassword);
  });

  test('the token is taken from the header token, from Authorization and from the cookie', async () => {
    const { token } = await login(server.api, server.adminPassword);
    for (const headers of [
      { token },
      { authorization: `Bearer ${token}` },
      { cookie: `argocd.token=${token}` },
    ]) {
      expect((await list(headers)).status).toBe(200);
      expect(await userInfo(headers)).toEqual({
        loggedIn: true,
        username: 'admin',
        iss: 'argocd',
        groups: [],
      });
    }
  });

  test('requests without a token or with a forged one are refused, public ones served as anonymous', async () => {
    const forged = `${(await login(server.api, server.adminPassword)).token.slice(0, -4)}AAAA`;
    for (const headers of [{}, { authorization: `Bearer ${forged}` }, { token: 'nonsense' }]) {
      const reply = await list(headers);
      expect(reply.status).toBe(401);
      expect(await reply.json()).toMatchObject({ code: 16 });
      expect(await userInfo(headers)).toMatchObject({ loggedIn: false });
    }
  });

  test('logout clears the cookie and revokes the token', async () => {
    const { token } = await login(server.api, server.adminPassword);
    const reply = await server.api.request('/api/v1/session', {
      method: 'DELETE',
      headers: { ...json, cookie: `argocd.token=${token}` },
    });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('set-cookie')).toMatch(/argocd\.token=;.*Max-Age=0/);
    expect((await list({ token })).status).toBe(401);
    const actions = (await listAudit(server.db, 5)).map((row) => row.action);
    expect(actions).toContain('logout');
  });

  test('a session ends after its time, and one about to end is renewed by its cookie', async () => {
    const { token } = await login(server.api, server.adminPassword);
    const cookie = `argocd.token=${token}`;
    expect((await list({ cookie })).headers.get('set-cookie')).toBeNull();
    server.clock.now = new Date(Date.now() + (86_400 - 200) * 1000);
    const renewed = await list({ cookie });
    expect(renewed.status).toBe(200);
    const fresh = /argocd\.token=([^;]+)/.exec(renewed.headers.get('set-cookie') ?? '')?.[1] ?? '';
    server.clock.now = new Date(Date.now() + 86_500 * 1000);
    expect((await list({ token })).status).toBe(401);
    expect((await list({ token: fresh })).status).toBe(200);
  });

  test('a session counts at once on a server whose clock is behind', async () => {
    const { token } = await login(server.api, server.adminPassword);
    server.clock.now = new Date(Date.now() - 3_600_000);
    expect((await list({ token })).status).toBe(200);
  });

  test('a changed password ends the sessions from before', async () => {
    const { token } = await login(server.api, server.adminPassword);
    const changed = new Date(Date.now() + 60_000);
    await writeSetting(server.db, server.keyring, 'admin.passwordMtime', changed.toISOString());
    server.clock.now = new Date(Date.now() + 120_000);
    expect((await list({ token })).status).toBe(401);
    const { token: later } = await login(server.api, server.adminPassword);
    expect((await list({ token: later })).status).toBe(200);
    await writeSetting(server.db, server.keyring, 'admin.passwordMtime', new Date(0).toISOString());
  });

  test('another site can not use the cookie to change anything', async () => {
    server.clock.now = new Date(Date.now() + 600_000);
    const { token } = await login(server.api, server.adminPassword);
    const logout = (headers: Record<string, string>) =>
      server.api.request('/api/v1/applications/none', { method: 'DELETE', headers: { ...json, ...headers } });
    const cookie = `argocd.token=${token}`;
    const foreign = await logout({ cookie, origin: 'https://evil.example.com' });
    expect(foreign.status).toBe(403);
    expect(await foreign.json()).toMatchObject({ message: expect.stringContaining('evil.example.com') });
    // Own origins and tokens sent by hand come through to the lookup, which hides that nothing is there.
    for (const headers of [
      { cookie, origin: 'https://keelson.example.com' },
      { cookie, host: 'localhost:8080', origin: 'http://localhost:8080' },
      { token, origin: 'https://evil.example.com' },
    ]) {
      expect(await (await logout(headers)).json()).toMatchObject({ message: 'permission denied' });
    }
  });
});

describe('api/bootstrap', () => {
  test('of servers that start at once one sets the password, and a later start leaves it', async () => {
    const database = await openTestDatabase();
    const keyring = createKeyring(generateKey());
    try {
      const started = await Promise.all([1, 2, 3].map(() => bootstrapSettings(database.db, keyring)));
      const passwords = started.flatMap(({ adminPassword }) => adminPassword ?? []);
      expect(passwords).toHaveLength(1);
      expect(passwords[0]).toMatch(/^[A-Za-z0-9]{16}$/);
      expect(await bootstrapSettings(database.db, keyring, { adminPassword: 'other' })).toEqual({});
      const projects = await database.db.query.projects.findMany();
      expect(projects.map((project) => project.name)).toEqual(['default']);
    } finally {
      await database.close();
    }
  });

  test('a given password is not told again', async () => {
    const database = await openTestDatabase();
    try {
      const keyring = createKeyring(generateKey());
      expect(await bootstrapSettings(database.db, keyring, { adminPassword: 'given' })).toEqual({});
    } finally {
      await database.close();
    }
  });
});
