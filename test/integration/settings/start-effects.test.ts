import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoleName } from '../../../bin/up/roles.ts';
import { pollUntil } from '../../../local/poll.ts';
import { applicationOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';

let keelson: TestKeelson;

/** What the reference's programs are started with, in its own words. */
const given = {
  ARGOCD_EXEC_TIMEOUT: '4',
  ARGOCD_GIT_ATTEMPTS_COUNT: '3',
  ARGOCD_LOG_FORMAT: 'text',
  ARGOCD_LOG_LEVEL: 'warning',
  ARGOCD_CONTROLLER_REPLICAS: '2',
  REDIS_SERVER: 'redis:6379',
};

beforeAll(async () => {
  // One role is given by flags what the others are by variables.
  const session = {
    flags: ['--logformat', 'text', '--loglevel=warning'],
    env: { ARGOCD_LOG_FORMAT: 'json', ARGOCD_LOG_LEVEL: 'info' },
  };
  keelson = await startKeelson({ env: given, own: { session } });
});

afterAll(async () => {
  await keelson?.stop();
});

const logOf = (role: RoleName): string =>
  readFileSync(join(keelson.stateDir, 'roles', `${role}.log`), 'utf8');
const put = (configMaps: Parameters<TestKeelson['client']['settings']['put']>[0]) =>
  keelson.client.settings.put(configMaps, { partial: false });

describe('a role that is started with the words of the reference', () => {
  it('says what of them has no effect', () => {
    for (const role of ['server', 'worker', 'session'] as const) {
      const log = logOf(role);
      expect(log).toContain('ARGOCD_CONTROLLER_REPLICAS has no effect: there are no shards');
      expect(log).toContain('REDIS_SERVER has no effect: there is no Redis');
      expect(log).not.toContain('redis:6379');
    }
  });

  it('writes its log in the format and from the level on', () => {
    for (const role of ['server', 'worker', 'session'] as const) {
      const lines = logOf(role).split('\n');
      expect(lines.filter((line) => line.startsWith('{'))).toEqual([]);
      // Every role says when it is ready, which is less than a warning.
      expect(logOf(role)).not.toMatch(/(server|worker|session host) ready/);
    }
  });

  it('has its log as the settings say once they do, role by role', async () => {
    const isJson = (role: RoleName) =>
      logOf(role)
        .split('\n')
        .some((line) => line.startsWith('{'));
    const parameters = {
      'controller.log.format': 'json',
      'controller.log.level': 'info',
      'reposerver.log.level': 'error',
    };
    await put({ 'argocd-cmd-params-cm': parameters });
    await put({ 'argocd-cmd-params-cm': parameters, 'argocd-cm': { 'users.session.duration': '2h' } });
    await pollUntil('the session writes JSON', 30, async () => isJson('session'));
    expect([isJson('server'), isJson('worker')]).toEqual([false, false]);
    await put({ 'argocd-cmd-params-cm': { 'server.log.format': 'json', 'server.log.level': 'info' } });
    let minutes = 60;
    await pollUntil('the server writes JSON', 30, async () => {
      minutes += 1;
      await put({ 'argocd-cm': { 'users.session.duration': `${minutes}m` } });
      return isJson('server');
    });
  });

  it('asks a repository as often as it is told to', async () => {
    const { url } = await keelson.gitServer.createRepository('start-effects-attempts', { a: 'a' });
    keelson.gitServer.failWith(503);
    const before = keelson.gitServer.requests.length;
    const tried = keelson.client.sources.addRepository({ repo: url }, { upsert: false });
    await expect(tried).rejects.toThrow();
    expect(keelson.gitServer.requests.length - before).toBe(3);
    keelson.gitServer.failWith();
  });

  it('ends a program after the bare seconds', async () => {
    const spec = { generate: { command: ['sleep', '60'] } };
    const plugin = { kind: 'ConfigManagementPlugin', metadata: { name: 'sleeper' }, spec };
    await put({ 'argocd-cmp-cm': { 'plugin.yaml': JSON.stringify(plugin) } });
    const { url } = await keelson.gitServer.createRepository('start-effects-sleep', { a: 'a' });
    const application = applicationOf({ name: 'sleeping', repoURL: url, namespace: 'start-effects' });
    const source = { repoURL: url, path: '.', plugin: { name: 'sleeper' } };
    await keelson.create({ ...application, spec: { ...application.spec, source } });
    await pollUntil('the render ends', 45, async () => {
      const { status } = await keelson.client.applications.get('sleeping');
      return (status?.conditions ?? []).some(({ message }) =>
        message.includes('was not done when 4 s were over'),
      );
    });
  });
});

describe('additionalUrls', () => {
  it('are addresses whose browsers may change things', async () => {
    const login = await fetch(`${keelson.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: keelson.adminPassword }),
    });
    const cookie = login.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    // A page of that address asks with the cookie of the login.
    const asked = async (origin: string): Promise<number> => {
      const reply = await fetch(`${keelson.url}/api/v1/keelson/settings/accept`, {
        method: 'POST',
        headers: { cookie, origin, 'content-type': 'application/json' },
        body: '{}',
      });
      return reply.status;
    };
    expect(await asked('https://other.example.com')).toBe(403);
    expect(await asked(keelson.url)).toBe(200);
    await put({ 'argocd-cm': { url: keelson.url, additionalUrls: '- https://other.example.com' } });
    await pollUntil('the other address', 30, async () => (await asked('https://other.example.com')) === 200);
    expect(await asked('https://evil.example.com')).toBe(403);
  });
});
