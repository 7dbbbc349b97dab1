import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { settingKeys } from '../../../api/auth/account.ts';
import { storePassword } from '../../../api/auth/account-change.ts';
import { trustedProxies } from '../../../api/request/client-address.ts';
import { operatorOfAccounts } from '../../../bin/compose/operate-accounts.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { readSetting } from '../../../db/queries/installation/setting.ts';
import { at, eventually, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { type ServedApi, serveApi } from '../../support/keelson/api/serve-api.ts';
import { type CliOptions, keelson } from '../../support/keelson/run-cli.ts';

const run = promisify(execFile);

let server: ServedApi;
/** A second server of the installation. */
let other: TestApi;
let folder: string;
/** Of admin, as the tests have changed it last. */
let password: string;

beforeAll(async () => {
  server = await serveApi({ config: { trustedProxies: trustedProxies(['127.0.0.1']) } });
  other = await startApi({ beside: server });
  folder = await mkdtemp(join(tmpdir(), 'keelson-logins-'));
  password = server.adminPassword;
});
afterAll(async () => {
  await other?.close();
  await server?.close();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  server.clock.now = undefined;
  other.clock.now = undefined;
});

type Sent = {
  readonly body?: unknown;
  readonly token?: string;
  readonly cookie?: string;
  readonly from?: string;
};

/** A request to the first server, through a proxy from an address. */
async function send(method: string, path: string, { body, token, cookie, from = '192.0.2.1' }: Sent = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': from,
      ...(token === undefined ? {} : { token }),
      ...(cookie === undefined ? {} : { cookie: `argocd.token=${cookie}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const set = response.headers.get('set-cookie') ?? '';
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    cookie: /argocd\.token=([^;]*)/.exec(set)?.[1],
    body: (await response.json()) as unknown,
  };
}

async function logIn(with_ = password, from?: string) {
  const reply = await send('POST', '/api/v1/session', {
    body: { username: 'admin', password: with_ },
    ...(from === undefined ? {} : { from }),
  });
  return { status: reply.status, token: String(at(reply.body, 'token') ?? '') };
}

/** What a token is worth on both servers, at once. */
async function statuses(token: string): Promise<number[]> {
  const path = '/api/v1/applications';
  const replies = [send('GET', path, { token }), other.api.request(path, { headers: { token } })];
  return (await Promise.all(replies)).map(({ status }) => status);
}

const change = (token: string, newPassword: unknown, more: Record<string, unknown> = {}, from?: string) =>
  send('PUT', '/api/v1/account/password', {
    token,
    body: { currentPassword: password, newPassword, ...more },
    ...(from === undefined ? {} : { from }),
  });

const fresh = (): string => `new-${randomUUID().slice(0, 12)}`;

describe('a password that is changed', () => {
  let token: string;
  beforeAll(async () => {
    ({ token } = await logIn());
  });

  it.each([
    [
      'the current one is another',
      400,
      'current password does not match',
      fresh(),
      { currentPassword: 'wrong' },
    ],
    [
      'it is too short',
      400,
      'new password does not match the following expression: ^.{8,32}$; choose one of 8 to 32 characters',
      'seven77',
      {},
    ],
    ['it is too long', 400, 'choose one of 8 to 32 characters', 'x'.repeat(33), {}],
    ['it has two lines', 400, 'choose one of 8 to 32 characters', 'first\nsecond', {}],
    [
      'it has more bytes than are hashed',
      400,
      'new password is longer than 72 bytes; choose a shorter one',
      '😀'.repeat(19),
      {},
    ],
    ['the account is none', 404, "account 'somebody' does not exist", fresh(), { name: 'somebody' }],
    ['it is no text', 400, 'newPassword', 7, {}],
  ])('stays as it is where %s', async (_, status, says, newPassword, more) => {
    const reply = await change(token, newPassword, more);
    expect([reply.status, at(reply.body, 'message')]).toEqual([status, expect.stringContaining(says)]);
    expect(await statuses(token)).toEqual([200, 200]);
  });

  it('ends all logins of the old one at once, on every server, and takes none', async () => {
    const { token: another } = await logIn();
    expect(await statuses(another)).toEqual([200, 200]);
    const old = password;
    password = fresh();
    const from = '2001:db8:0:1::7';
    const reply = await send('PUT', '/api/v1/account/password', {
      cookie: token,
      from,
      body: { currentPassword: old, newPassword: password },
    });
    expect(reply).toMatchObject({ status: 200, body: {}, cookie: '' });
    expect(await statuses(token)).toEqual([401, 401]);
    expect(await statuses(another)).toEqual([401, 401]);
    expect((await logIn(old)).status).toBe(401);
    const refused = other.api.request('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: old }),
    });
    expect((await refused).status).toBe(401);
    const later = await logIn();
    expect(later.status).toBe(200);
    expect(await statuses(later.token)).toEqual([200, 200]);
    const rows = await listAudit(server.db, 10);
    expect(rows.find(({ action }) => action === 'account.password')).toMatchObject({
      actor: 'admin',
      object: 'admin',
      sourceAddress: from,
    });
    expect(JSON.stringify(rows)).not.toContain(password);
  });

  it('is changed by one of two who knew the same one', async () => {
    const { token } = await logIn();
    const news = [fresh(), fresh()];
    const replies = await Promise.all(news.map((one) => change(token, one)));
    const won = replies.findIndex(({ status }) => status === 200);
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    password = news[won] ?? '';
    expect((await logIn()).status).toBe(200);
    const store = { db: server.db, keyring: server.keyring };
    const stale = { account: 'admin', passwordHash: 'x', instead: 'the hash of before', actor: 'admin' };
    await expect(storePassword(store, stale)).rejects.toMatchObject({
      code: 'conflict',
      message: 'password of admin was changed meanwhile; log in with that one',
    });
    expect((await logIn()).status).toBe(200);
  });

  it('is guarded as a login is', async () => {
    const { token } = await logIn();
    const from = '192.0.2.99';
    for (let time = 0; time < 5; time++) {
      expect((await change(token, fresh(), { currentPassword: 'wrong' }, from)).status).toBe(400);
    }
    // The wait of a second may be over on a busy machine.
    await server.connection.pool.query(
      "update login_attempts set next_at = now() + interval '5 minutes' where tries >= 5",
    );
    const refused = await change(token, fresh(), {}, from);
    expect([refused.status, Number(refused.retryAfter)]).toEqual([429, expect.closeTo(300, -2)]);
    expect((await logIn(password, from)).status).toBe(429);
    const failed = (await listAudit(server.db, 10)).find(({ action }) => action === 'login.failed');
    expect(failed).toMatchObject({ actor: 'admin', sourceAddress: from });
    expect(failed?.details).toEqual({ untold: 0 });
  });

  it('counts all that one caller has of IPv6 together, and names each address as it is', async () => {
    const { token } = await logIn();
    const wrong = (from: string) => change(token, fresh(), { currentPassword: 'wrong' }, from);
    for (let tail = 1; tail <= 5; tail++) expect((await wrong(`2001:db8:0:2::${tail}`)).status).toBe(400);
    await server.connection.pool.query(
      "update login_attempts set next_at = now() + interval '5 minutes' where tries >= 5",
    );
    expect((await wrong('2001:db8:0:2::6')).status).toBe(429);
    expect((await logIn(password, '2001:db8:0:2:ffff::1')).status).toBe(429);
    const failed = (await listAudit(server.db, 10)).filter(({ action }) => action === 'login.failed');
    expect(failed.map(({ sourceAddress }) => sourceAddress)).toContain('2001:db8:0:2::1');
  });
});

async function setTimes(words: Record<string, string>): Promise<void> {
  const { token } = await logIn();
  const body = { configMaps: { 'argocd-cm': words } };
  expect((await send('PUT', '/api/v1/keelson/settings', { token, body })).status).toBe(200);
  await server.settings.reload();
}

describe('a login', () => {
  it('is renewed to its absolute end and no further, and ends with all its tokens', async () => {
    await setTimes({ 'users.session.duration': '1h', 'keelson.session.limit': '90m' });
    const start = Math.floor(Date.now() / 1000) * 1000;
    const minutes = (count: number): Date => new Date(start + count * 60_000);
    const read = (cookie: string) => send('GET', '/api/v1/applications', { cookie });
    server.clock.now = minutes(0);
    const { token } = await logIn();
    expect(endOf(token)).toBe(minutes(60).getTime());
    server.clock.now = minutes(57);
    const { cookie: renewed = '' } = await read(token);
    expect(claimsOf(renewed)).toMatchObject({ login: claimsOf(token)['login'] });
    expect(claimsOf(renewed)['jti']).not.toBe(claimsOf(token)['jti']);
    expect(endOf(renewed)).toBe(minutes(90).getTime());
    server.clock.now = minutes(88);
    expect(await read(renewed)).toMatchObject({ status: 200, cookie: undefined });
    server.clock.now = minutes(91);
    expect((await read(renewed)).status).toBe(401);

    server.clock.now = minutes(58);
    other.clock.now = minutes(58);
    expect([await statuses(token), await statuses(renewed)]).toEqual([
      [200, 200],
      [200, 200],
    ]);
    await send('DELETE', '/api/v1/session', { token });
    expect([await statuses(token), await statuses(renewed)]).toEqual([
      [401, 401],
      [401, 401],
    ]);
    await setTimes({});
  });

  it('of a release that knew no logins counts until its end, or until all are ended', async () => {
    const secret = new TextEncoder().encode(
      await readSetting(server.db, server.keyring, settingKeys.serverSecret),
    );
    const now = Math.floor(Date.now() / 1000);
    const old = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('argocd')
      .setSubject('admin:login')
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + 250)
      .sign(secret);
    // All logins of the account were ended by the tests before.
    expect(await statuses(old)).toEqual([401, 401]);
    await server.connection.pool.query('update account_logins set generation = 0');
    expect(await statuses(old)).toEqual([200, 200]);
    expect((await send('GET', '/api/v1/applications', { cookie: old })).cookie).toBeUndefined();
    const { token } = await logIn();
    const reply = await send('DELETE', '/api/v1/account/admin/sessions', { token });
    expect(reply).toMatchObject({ status: 200, body: {} });
    expect([await statuses(old), await statuses(token)]).toEqual([
      [401, 401],
      [401, 401],
    ]);
    const nobody = await send('DELETE', '/api/v1/account/nobody/sessions', { token: (await logIn()).token });
    expect(nobody.status).toBe(404);
    expect((await listAudit(server.db, 1))[0]).toMatchObject({ action: 'login' });
  });
});

describe('keelson', () => {
  const command = (argv: readonly string[], options: CliOptions = {}) =>
    keelson([...argv, '--config', join(folder, 'config')], options);
  const logInByCommand = () =>
    command(['login', server.url, '--username', 'admin', '--password', password, '--skip-test-tls']);

  it('account update-password asks for what it needs and goes on with a login of the new one', async () => {
    await logInByCommand();
    const differing = await command(['account', 'update-password'], {
      answers: [password, 'first-of-two', 'other-of-two'],
    });
    expect(differing.status).toBe(1);
    expect(differing.stderr).toContain('passwords do not match; enter the same one twice');
    const before = password;
    password = fresh();
    const changed = await command(['account', 'update-password'], { answers: [before, password, password] });
    expect(changed.stderr).toContain('*** Enter password of currently logged in user (admin): ');
    expect(changed.stderr).toContain('*** Confirm new password for user admin: ');
    expect(changed.stdout).toBe(`Password updated\nContext '${new URL(server.url).host}' updated\n`);
    expect((await command(['app', 'list'])).status).toBe(0);
    const flags = ['--account', 'admin', '--current-password', 'wrong', '--new-password', fresh()];
    const refused = await command(['account', 'update-password', ...flags]);
    expect([refused.status, refused.stderr]).toEqual([20, expect.stringContaining('does not match')]);
    const alone = await command(['account', 'update-password', '--current-password', password]);
    expect(alone.stderr).toContain(
      '--new-password is missing and nobody can be asked for it; pass --new-password',
    );
  });

  it('account logout-all ends all logins, also its own', async () => {
    await logInByCommand();
    const { token } = await logIn();
    const ended = await command(['account', 'logout-all']);
    expect([ended.status, ended.stdout]).toEqual([
      0,
      expect.stringContaining("All logins of 'admin' ended\n"),
    ]);
    expect(await statuses(token)).toEqual([401, 401]);
    expect(await readFile(join(folder, 'config'), 'utf8')).not.toContain('auth-token');
    const again = await command(['account', 'logout-all']);
    expect(again.stderr).toContain('; run keelson login SERVER');
  });

  it('admin set-password lets an operator in who has forgotten it, and renew-signing-key ends all logins', async () => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      KEELSON_DATABASE_URL: server.connection.pool.options.connectionString ?? '',
      KEELSON_ENCRYPTION_KEY: server.encryptionKey,
    };
    const accounts = operatorOfAccounts(env);
    const operate = (...words: string[]) => command(['admin', ...words], { accounts });
    const { token } = await logIn();
    password = fresh();
    // By the program itself, as a role's container has it.
    const words = ['bin/keelson.ts', 'admin', 'set-password', '--new-password', password];
    const { stdout } = await run(process.execPath, words, { env });
    expect(stdout).toBe("Password of 'admin' set: its logins have ended\n");
    expect(await statuses(token)).toEqual([401, 401]);
    const { status, token: later } = await logIn();
    expect(status).toBe(200);
    expect(await operate('set-password', '--new-password', 'short')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('choose one of 8 to 32 characters'),
    });
    expect(await operate('renew-signing-key')).toMatchObject({ status: 0 });
    expect(await statuses(later)).toEqual([401, 401]);
    const newest = await logIn();
    await eventually('the other server knows the key', async () =>
      (await statuses(newest.token)).every((one) => one === 200) ? true : undefined,
    );
    const actions = (await listAudit(server.db, 10)).map(({ actor, action }) => `${actor} ${action}`);
    expect(actions).toEqual(
      expect.arrayContaining(['operator account.password', 'operator signing-key.renew']),
    );
    const elsewhere = await command(['admin', 'set-password', '--new-password', fresh()]);
    expect(elsewhere.stderr).toContain('run keelson of the image there');
  });
});

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
}

function endOf(token: string): number {
  return Number(claimsOf(token)['exp']) * 1000;
}
