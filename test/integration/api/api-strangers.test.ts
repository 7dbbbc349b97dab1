import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthenticator } from '../../../api/auth/authenticator.ts';
import { createFailedLogins } from '../../../api/auth/login/failed-logins.ts';
import { createPasswordCheck } from '../../../api/auth/login/password-check.ts';
import { trustedProxies } from '../../../api/request/client-address.ts';
import { defaultLoginTimes } from '../../../core/account/login-times.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { countAttempt, forgetAttempts } from '../../../db/queries/login/login-attempt.ts';
import { createLogger } from '../../../platform/logger.ts';
import { type ServedApi, serveApi } from '../../support/keelson/api/serve-api.ts';

let server: ServedApi;
beforeAll(async () => {
  server = await serveApi({ config: { trustedProxies: trustedProxies(['127.0.0.1']) } });
});
afterAll(() => server?.close());

const json = { 'content-type': 'application/json' };

/** A login that comes through a proxy from an address. */
async function logIn(address: string, password: string, username = 'admin') {
  const response = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { ...json, 'x-forwarded-for': address },
    body: JSON.stringify({ username, password }),
  });
  return { status: response.status, retryAfter: response.headers.get('retry-after') };
}

async function failFiveTimes(address: string, username = 'admin'): Promise<void> {
  for (let time = 0; time < 5; time++) {
    expect((await logIn(address, 'wrong', username)).status).toBe(401);
  }
}

/** Has waits last for longer than a slow machine takes for a login. */
async function holdWaits(): Promise<void> {
  await server.connection.pool.query(
    "update login_attempts set next_at = now() + interval '5 minutes' where tries >= 5",
  );
}

/** The wait that the last failure brought, in seconds; on a slow machine it may be over before the next try. */
async function lastPause(): Promise<number> {
  const { rows } = await server.connection.pool.query<{ seconds: number }>(
    'select round(extract(epoch from next_at - at))::int as seconds from login_attempts order by at desc limit 1',
  );
  return rows[0]?.seconds ?? 0;
}

describe('logins of strangers', () => {
  test('after five failures an address waits, longer each time, and only for that name', async () => {
    await failFiveTimes('192.0.2.1');
    expect(await lastPause()).toBe(1);
    await holdWaits();
    const { status, retryAfter } = await logIn('192.0.2.1', server.adminPassword);
    expect(status).toBe(429);
    expect(Number(retryAfter)).toBeGreaterThan(1);
    expect(Number(retryAfter)).toBeLessThanOrEqual(300);
    expect((await logIn('192.0.2.1', 'wrong', 'somebody')).status).toBe(401);
    await server.connection.pool.query('update login_attempts set next_at = now() where tries >= 5');
    expect((await logIn('192.0.2.1', 'wrong')).status).toBe(401);
    expect(await lastPause()).toBe(2);
    await holdWaits();
    expect((await logIn('192.0.2.1', 'wrong')).status).toBe(429);
  });

  test('nobody locks the account out from elsewhere, and invented names lift no wait', async () => {
    await failFiveTimes('192.0.2.2');
    expect((await logIn('198.51.100.1', server.adminPassword)).status).toBe(200);
    await holdWaits();
    for (let name = 0; name < 20; name++) {
      expect((await logIn('192.0.2.2', 'wrong', `invented-${name}`)).status).toBe(401);
    }
    expect((await logIn('192.0.2.2', server.adminPassword)).status).toBe(429);
    await failFiveTimes('192.0.2.3', 'nobody');
    await holdWaits();
    expect((await logIn('192.0.2.3', 'wrong', 'nobody')).status).toBe(429);
  });

  test('servers count together, and what is over is forgotten', async () => {
    await failFiveTimes('192.0.2.4');
    await holdWaits();
    const { db, keyring } = server;
    const log = createLogger({ name: 'test', level: 'silent' });
    const other = createAuthenticator({
      ...{ db, keyring, log, now: () => new Date() },
      ...{ times: () => defaultLoginTimes, loginPaddingMilliseconds: 0 },
    });
    await expect(other.login('admin', server.adminPassword, '192.0.2.4')).rejects.toMatchObject({
      status: 429,
    });
    await server.connection.pool.query(
      "update login_attempts set next_at = now(), at = now() - interval '2 hours'",
    );
    await forgetAttempts(db);
    expect((await server.connection.pool.query('select 1 from login_attempts')).rowCount).toBe(0);
    expect(await other.login('admin', server.adminPassword, '192.0.2.4')).toMatch(/^ey/);
    // A login forgets the failures before it.
    expect((await server.connection.pool.query('select 1 from login_attempts')).rowCount).toBe(0);
  });

  test('of tries at once as many are let in as one after the other', async () => {
    const began = performance.now();
    const waits = await Promise.all(Array.from({ length: 20 }, () => countAttempt(server.db, 'of-a-test')));
    const seconds = (performance.now() - began) / 1000;
    // After five free tries the waits are 1, 2, 4, ... seconds, and on a busy machine one may be over by now.
    const over = [1, 3, 7, 15].filter((wait) => wait < seconds).length;
    const letIn = waits.filter((wait) => wait === 0).length;
    expect(letIn).toBeGreaterThanOrEqual(5);
    expect(letIn).toBeLessThanOrEqual(5 + over);
  });

  test('failures are in the audit, a few a minute, without what was typed into the field of the name', async () => {
    await logIn('192.0.2.5', 'wrong-password', 'typed-password');
    const tell = createFailedLogins(server.db, createLogger({ name: 'test', level: 'silent' }));
    const before = (await listAudit(server.db, 1000)).length;
    for (let time = 0; time < 30; time++) await tell({ account: 'admin', address: '192.0.2.6' });
    const rows = await listAudit(server.db, 1000);
    expect(rows.length - before).toBe(10);
    expect(rows[0]).toMatchObject({
      actor: 'admin',
      action: 'login.failed',
      sourceAddress: '192.0.2.6',
      details: { untold: 0 },
    });
    expect(rows.map(({ actor }) => actor)).toContain('unknown account');
    expect(JSON.stringify(rows)).not.toMatch(/typed-password|wrong-password/);
  });

  test('passwords are compared beside the event loop, and few at once', async () => {
    const hash = '$2b$10$K8wJ7Iu88Ib0SwvQb2yjPu4lsgbcI.eubyFhruIx4gkvNnLjlAs6u';
    const passwords = createPasswordCheck();
    const places = Array.from({ length: 4 }, () => passwords.enter('a'));
    expect(() => passwords.enter('a')).toThrow('too many logins at once');
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setTimeout(turn, 1);
    };
    turn();
    const answers = await Promise.all(places.map((place) => place.compare('x', hash)));
    isOver = true;
    expect(answers).toEqual([false, false, false, false]);
    // Four comparisons of 40 ms at least: on the loop itself there would be a turn or two for each.
    expect(turns).toBeGreaterThan(40);
    places[0]?.leave();
    passwords.enter('a');
    for (let caller = 0; caller < 20; caller++) passwords.enter(`b${caller}`);
    expect(() => passwords.enter('c')).toThrow('too many logins at once');
  });
});

/** Begins a request over a socket of its own; answers with what the server says until it closes. */
function begin(
  path: string,
  headers: Record<string, string>,
  body: string,
): { socket: Socket; said(): string } {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  let said = '';
  socket.on('data', (chunk) => {
    said += chunk.toString();
  });
  socket.on('error', () => {});
  const lines = Object.entries({ host: 'localhost', ...json, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  return { socket, said: () => said };
}

const chunked = { 'transfer-encoding': 'chunked' };
const patience = { timeout: 10_000, interval: 20 };

describe('bodies of strangers', () => {
  test('headers are judged before a body is read', async () => {
    for (const path of ['/api/v1/applications', '/api/v1/applications/manifestsWithFiles']) {
      const { socket, said } = begin(path, chunked, '5\r\n{"a":\r\n');
      await expect.poll(said, patience).toContain('401 Unauthorized');
      socket.destroy();
    }
    const { socket, said } = begin(
      '/api/webhook',
      { ...chunked, 'x-gitlab-event': 'Push Hook' },
      '1\r\n{\r\n',
    );
    await expect.poll(said, patience).toContain('400 Bad Request');
    socket.destroy();
  });

  test('a login is short', async () => {
    const long = JSON.stringify({ username: 'admin', password: 'x'.repeat(5000) });
    const told = await fetch(`${server.url}/api/v1/session`, { method: 'POST', headers: json, body: long });
    expect(told.status).toBe(413);
    const chunk = `${long.length.toString(16)}\r\n${long}\r\n`;
    const { socket, said } = begin('/api/v1/session', chunked, chunk);
    await expect.poll(said, patience).toContain('413 ');
    socket.destroy();
  });

  test('bodies that never end keep nobody out, and are given up', async () => {
    const slow = Array.from({ length: 50 }, (_, index) =>
      begin('/api/v1/session', { ...chunked, 'x-forwarded-for': `203.0.113.${index}` }, '1\r\n{\r\n'),
    );
    const statuses = (): string[] => slow.map(({ said }) => said().slice(9, 12)).filter(Boolean);
    // 32 may be on their way: the 18 that have been for longest go.
    await expect.poll(() => statuses().length, patience).toBe(18);
    expect(new Set(statuses())).toEqual(new Set(['429']));
    expect((await logIn('198.51.100.2', server.adminPassword)).status).toBe(200);
    await expect.poll(() => statuses().length, { timeout: 20_000 }).toBe(50);
    expect(statuses().filter((status) => status === '408')).toHaveLength(31);
    for (const { socket } of slow) socket.destroy();
  });
});
