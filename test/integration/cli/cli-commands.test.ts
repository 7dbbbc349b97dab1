import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperationView } from '../../../core/wire/operation.ts';
import { application, ended, operationId, running, step, web } from '../../support/keelson/operation-view.ts';
import { type CliOptions, keelson } from '../../support/keelson/run-cli.ts';
import {
  type Asked,
  type Scripted,
  type ScriptedApi,
  startScriptedApi,
} from '../../support/scripted/scripted-api.ts';

type Script = Readonly<
  Record<string, Scripted | ((request: Asked, earlier: number) => Scripted | undefined)>
>;

const accepted: Scripted = { body: application, headers: { 'keelson-operation-id': operationId } };

describe('cli commands', () => {
  let api: ScriptedApi;
  let folder: string;
  let script: Script;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-cli-'));
    script = { 'GET /api/v1/applications/guestbook': { body: application } };
    api = await startScriptedApi((request, earlier) => {
      const scripted = script[`${request.method} ${request.url.pathname}`];
      return typeof scripted === 'function' ? scripted(request, earlier) : scripted;
    });
  });
  afterEach(async () => {
    await api.close();
    await rm(folder, { recursive: true });
  });

  function extend(more: Script): void {
    script = { ...script, ...more };
  }
  function run(argv: readonly string[], options: CliOptions = {}) {
    const env = {
      KEELSON_CONFIG: join(folder, 'config'),
      KEELSON_SERVER: api.url,
      KEELSON_AUTH_TOKEN: 'secret-token',
    };
    return keelson(argv, { ...options, env: { ...env, PATH: process.env['PATH'] ?? '', ...options.env } });
  }
  function follow(...views: (OperationView | Scripted)[]): Script {
    return {
      'POST /api/v1/applications/guestbook/sync': accepted,
      [`GET /api/v1/applications/guestbook/operations/${operationId}`]: (_, earlier) => {
        const view = views[Math.min(earlier, views.length - 1)];
        return typeof view === 'object' && 'phase' in view ? { body: view } : view;
      },
    };
  }

  describe('app sync', () => {
    it('follows the operation to its end and exits with 0', async () => {
      extend(follow(running, ended));
      const { status, stdout } = await run(['app', 'sync', 'guestbook', '--prune', '--revision', 'v2']);
      expect(status).toBe(0);
      expect(stdout).toMatch(/apps +Deployment +demo +web +Synced +created/);
      expect(stdout).toContain('sync of guestbook: Succeeded: successfully synced');
      expect(stdout).toContain('Health Status:      Healthy');
      expect(api.asked[0]?.body).toEqual({
        name: 'guestbook',
        revision: 'v2',
        prune: true,
        strategy: { hook: {} },
      });
    });

    it('redraws its picture on a terminal', async () => {
      extend(follow(running, ended));
      const { stdout } = await run(['app', 'sync', 'guestbook'], {
        isTerminal: true,
        env: { NO_COLOR: '1' },
      });
      expect(stdout).toContain('\u001b[2Async of guestbook · Succeeded');
      expect(stdout).toContain('✔ Sync wave 0       1 object  1.0s');
      expect(stdout).not.toContain('\u001b[32m');
    });

    it('exits with 1 when the sync has ended badly', async () => {
      extend(follow({ ...ended, phase: 'Failed', message: 'one object failed' }));
      const { status, stderr } = await run(['app', 'sync', 'guestbook']);
      expect(status).toBe(1);
      expect(stderr).toContain('guestbook: operation has completed with phase Failed: one object failed');
    });

    it('exits with 1 when objects still have to be pruned', async () => {
      const status = { ...application.status, sync: { status: 'OutOfSync' } };
      extend(follow({ ...ended, steps: [{ ...step, status: 'PruneSkipped' }] }));
      extend({ 'GET /api/v1/applications/guestbook': { body: { ...application, status } } });
      const run1 = await run(['app', 'sync', 'guestbook']);
      expect(run1.status).toBe(1);
      expect(run1.stderr).toContain('1 resource requires pruning');
    });

    it('exits with 0 when only what says Prune=false is left', async () => {
      const status = { ...application.status, sync: { status: 'OutOfSync' } };
      const message = 'ignored (no prune)';
      extend(follow({ ...ended, steps: [{ ...step, status: 'PruneSkipped', message }] }));
      extend({ 'GET /api/v1/applications/guestbook': { body: { ...application, status } } });
      const run1 = await run(['app', 'sync', 'guestbook']);
      expect(run1.status).toBe(0);
      expect(run1.stderr).not.toContain('--prune');
    });

    it('outlives a restart of the server', async () => {
      extend(follow(running, 'hang up', { status: 503, body: {} }, ended));
      const { status, stdout } = await run(['app', 'sync', 'guestbook']);
      expect(status).toBe(0);
      expect(stdout.match(/connection to .* lost, trying again; the operation goes on/g)).toHaveLength(1);
    });

    it('exits with 20 when the time to wait is over, and says that the sync goes on', async () => {
      extend(follow(running));
      const { status, stderr } = await run(['app', 'sync', 'guestbook', '--timeout', '1']);
      expect(status).toBe(20);
      expect(stderr).toContain(
        'timed out (1s) waiting for application guestbook to finish its sync, which goes on',
      );
    });

    it('exits with 130 when it is interrupted, and says where to look', async () => {
      const interruption = new AbortController();
      extend(follow({ ...running, message: 'x' }));
      const operations = `GET /api/v1/applications/guestbook/operations/${operationId}`;
      extend({
        [operations]: () => {
          interruption.abort();
          return { body: running };
        },
      });
      const { status, stderr } = await run(['app', 'sync', 'guestbook'], { signal: interruption.signal });
      expect(status).toBe(130);
      expect(stderr).toContain('sync of guestbook goes on; see keelson app operations guestbook 3f2a91c4');
    });

    it('leaves standard output to the result when a program reads it', async () => {
      extend(follow(running, ended));
      const { stdout, stderr } = await run(['app', 'sync', 'guestbook', '-o=json']);
      expect(JSON.parse(stdout)).toMatchObject({ metadata: { name: 'guestbook' } });
      expect(stderr).toContain('sync of guestbook: Succeeded');
    });

    it('does not wait with --async, and says where the sync can be seen', async () => {
      extend(follow(running));
      expect(await run(['app', 'sync', 'guestbook', '--async=true'])).toEqual({
        status: 0,
        stdout: "application 'guestbook' is syncing; see keelson app operations guestbook 3f2a91c4\n",
        stderr: '',
      });
      const { stdout } = await run(['app', 'sync', 'guestbook', '--async', '-o', 'json']);
      expect(JSON.parse(stdout)).toMatchObject({ metadata: { name: 'guestbook' } });
    });

    it('sends nothing when a flag has a wrong value', async () => {
      const flags = [
        ['--timeout', 'soon'],
        ['--resource', 'web'],
        ['-o', 'xml'],
      ];
      for (const flag of flags) expect((await run(['app', 'sync', 'guestbook', ...flag])).status).toBe(1);
      expect(api.asked).toEqual([]);
    });

    it('refuses to sync when no application is named, and exits with 20 when the server refuses', async () => {
      expect((await run(['app', 'sync'])).status).toBe(1);
      const refusal = { code: 9, message: 'another operation is already in progress' };
      extend({ 'POST /api/v1/applications/guestbook/sync': { status: 400, body: refusal } });
      const refused = await run(['app', 'sync', 'guestbook']);
      expect(refused).toEqual({
        status: 20,
        stdout: '',
        stderr: 'keelson: another operation is already in progress\n',
      });
    });
  });

  describe('app wait', () => {
    it('waits until the application is as wanted', async () => {
      const progressing = { ...application.status, health: { status: 'Progressing' } };
      extend({
        'GET /api/v1/applications/guestbook': (_, earlier) => ({
          body: earlier === 0 ? { ...application, status: progressing } : application,
        }),
      });
      const { status, stdout } = await run(['app', 'wait', 'guestbook', '--health']);
      expect(status).toBe(0);
      expect(stdout).toContain('Health Status:      Healthy');
    });

    it('exits with 20 after its time and says what is missing', async () => {
      const status = { ...application.status, sync: { status: 'OutOfSync' } };
      extend({ 'GET /api/v1/applications/guestbook': { body: { ...application, status } } });
      const late = await run(['app', 'wait', 'guestbook', '--timeout', '1']);
      expect(late.status).toBe(20);
      expect(late.stderr).toBe(
        'keelson: timed out (1s) waiting for application guestbook to match the desired state (sync OutOfSync, health Healthy)\n',
      );
    });

    it('draws no table of an application that is not there', async () => {
      const denied = { status: 403, body: { code: 7, message: 'permission denied' } };
      extend({ 'GET /api/v1/applications/nope': denied });
      const missing = await run(['app', 'wait', 'nope']);
      expect(missing).toMatchObject({ status: 20, stdout: '' });
      expect(missing.stderr).toContain('application nope: permission denied (it does not exist');
    });

    it('takes a missing application for deleted, once the server says that it is missing', async () => {
      extend({
        'GET /api/v1/applications/guestbook': (request) =>
          request.url.searchParams.get('project') === 'default'
            ? { status: 404, body: { code: 5, message: 'not found' } }
            : { body: application },
      });
      const { status, stdout } = await run(['app', 'wait', 'guestbook', '--delete']);
      expect([status, stdout]).toEqual([0, "application 'guestbook' deleted\n"]);
    });
  });

  describe('app diff', () => {
    const state = (replicas: number) => JSON.stringify({ kind: 'Deployment', spec: { replicas } });
    const differing: Script = {
      'GET /api/v1/applications/guestbook/managed-resources': {
        body: { items: [{ ...web, modified: true, liveState: state(1), targetState: state(2) }] },
      },
    };

    it('prints what differs under a heading and exits with 1', async () => {
      extend(differing);
      const { status, stdout } = await run(['app', 'diff', 'guestbook', '--refresh']);
      expect(status).toBe(1);
      expect(stdout).toContain('\n===== apps/Deployment demo/web ======\n');
      expect(stdout).toContain('-  replicas: 1\n+  replicas: 2\n');
      expect(api.asked[0]?.url.searchParams.get('refresh')).toBe('normal');
    });

    it('exits with 0 without differences, and with --exit-code=false', async () => {
      extend(differing);
      expect((await run(['app', 'diff', 'guestbook', '--exit-code=false'])).status).toBe(0);
      extend({ 'GET /api/v1/applications/guestbook/managed-resources': { body: { items: null } } });
      expect(await run(['app', 'diff', 'guestbook'])).toEqual({ status: 0, stdout: '', stderr: '' });
    });

    it('exits with 2 on wrong usage', async () => {
      expect((await run(['app', 'diff'])).status).toBe(2);
      expect((await run(['app', 'diff', 'guestbook', '--frob'])).status).toBe(2);
    });

    it('uses the program of KUBECTL_EXTERNAL_DIFF', async () => {
      extend(differing);
      const { stdout } = await run(['app', 'diff', 'guestbook'], { env: { KUBECTL_EXTERNAL_DIFF: 'cat' } });
      expect(stdout).toContain('replicas: 1');
      expect(stdout).toContain('replicas: 2');
    });

    it('names a diff program that is missing and leaves no file behind', async () => {
      extend(differing);
      const { status, stderr } = await run(['app', 'diff', 'guestbook'], {
        env: { PATH: folder, TMPDIR: folder },
      });
      expect(status).toBe(20);
      expect(stderr).toContain('diff: cannot be started; install it (package diffutils)');
      expect((await readdir(tmpdir())).filter((name) => name.startsWith('keelson-diff-'))).toEqual([]);
    });
  });

  describe('app delete', () => {
    beforeEach(() => extend({ 'DELETE /api/v1/applications/guestbook': { body: {} } }));

    it('asks on a terminal and does as told', async () => {
      const kept = await run(['app', 'delete', 'guestbook'], { answers: ['n'] });
      expect(kept.stdout).toBe("application 'guestbook' not deleted\n");
      expect(api.asked).toEqual([]);
      const deleted = await run(['app', 'delete', 'guestbook', '-p', 'background'], { answers: ['y'] });
      expect(deleted.stderr).toContain("Delete application 'guestbook' and all its objects? (y/n) ");
      expect(deleted.stdout).toBe("application 'guestbook' deleted\n");
      expect(api.asked[0]?.url.search).toBe('?cascade=true&propagationPolicy=background');
    });

    it('deletes nothing when nobody can be asked', async () => {
      const { status, stderr } = await run(['app', 'delete', 'guestbook']);
      expect([status, api.asked]).toEqual([1, []]);
      expect(stderr).toContain('pass --yes');
    });

    it('leaves the objects alone with --cascade=false, without asking', async () => {
      await run(['app', 'delete', 'guestbook', '--cascade=false']);
      expect(api.asked[0]?.url.search).toBe('?cascade=false');
    });
  });

  describe('app create', () => {
    beforeEach(() => extend({ 'POST /api/v1/applications': { body: application } }));
    const flags = ['--repo', 'https://git.example.com/a.git', '--path', '.', '--dest-name', 'in-cluster'];

    it('sends what the flags say', async () => {
      const { status, stdout } = await run([
        'app',
        'create',
        'fresh',
        ...flags,
        '--validate=false',
        '--upsert',
      ]);
      expect([status, stdout]).toEqual([0, "application 'fresh' created\n"]);
      const sent = api.asked.at(-1);
      expect(sent?.url.search).toBe('?upsert=true&validate=false');
      expect(sent?.body).toMatchObject({
        metadata: { name: 'fresh' },
        spec: { destination: { name: 'in-cluster' } },
      });
    });

    it('tells an application that was there from a new one', async () => {
      const { stdout } = await run(['app', 'create', 'guestbook', ...flags]);
      expect(stdout).toBe("application 'guestbook' unchanged\n");
    });

    it('reads several applications from a file, and one from standard input', async () => {
      const document = (name: string) =>
        JSON.stringify({
          ...application,
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'Application',
          metadata: { name },
        });
      const file = join(folder, 'apps.yaml');
      await writeFile(file, `${document('a')}\n---\n${document('b')}\n`);
      const both = await run(['app', 'create', '-f', file]);
      expect(both.stdout).toBe("application 'a' created\napplication 'b' created\n");
      const piped = await run(['app', 'create', '-f', '-'], { input: document('c') });
      expect(piped.stdout).toBe("application 'c' created\n");
    });

    it('refuses a broken application before anything is sent', async () => {
      const { status, stderr } = await run(['app', 'create', 'Bad_Name', '--repo', 'x']);
      expect([status, api.asked]).toEqual([1, []]);
      expect(stderr).toContain('metadata.name');
      expect(stderr).toContain('spec.destination');
    });
  });

  describe('login', () => {
    const login: Script = { 'POST /api/v1/session': { body: { token: 'canary-token' } } };

    it('asks for what is missing, without showing the password, and never shows the token', async () => {
      extend(login);
      const { status, stdout, stderr } = await run(['login', api.url], {
        answers: ['admin', 'canary-password'],
      });
      expect(status).toBe(0);
      expect(stdout).toBe(`'admin' logged in successfully\nContext '${api.url.slice(7)}' updated\n`);
      expect(api.asked[0]?.body).toEqual({ username: 'admin', password: 'canary-password' });
      expect(stdout + stderr).not.toContain('canary');
    });

    it('fails at once when nobody can be asked', async () => {
      const { status, stderr } = await run(['login', api.url, '--username', 'admin']);
      expect(status).toBe(1);
      expect(stderr).toContain('pass --password');
    });

    it('sends no password to a server without TLS unless that is agreed to', async () => {
      extend(login);
      const address = api.url.slice('http://'.length);
      const refused = await run(['login', address, '--username', 'admin', '--password', 'canary-password']);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain('pass --plaintext if that is meant');
      expect(api.asked).toEqual([]);
      const agreed = await run(['login', address, '--username', 'admin', '--password', 'x'], {
        answers: ['y'],
      });
      expect([agreed.status, api.asked.length]).toEqual([0, 1]);
    });

    it('is remembered, can be switched, and is forgotten by logout', async () => {
      extend({ ...login, 'DELETE /api/v1/session': { body: {} } });
      const env = { KEELSON_SERVER: '', KEELSON_AUTH_TOKEN: '' };
      await run(['login', api.url, '--username', 'a', '--password', 'b', '--name', 'one']);
      await run(['login', api.url, '--username', 'a', '--password', 'b', '--name', 'two']);
      await run(['context', 'one']);
      expect((await run(['context'])).stdout).toMatch(/\* +one .*\n +two /);
      expect((await run(['app', 'get', 'guestbook', '-o', 'json'], { env })).status).toBe(0);
      expect((await run(['logout', 'one'])).stdout).toBe("Logged out from 'one'\n");
      expect(api.asked.at(-1)?.method).toBe('DELETE');
      expect((await run(['context', 'two', '--delete'])).stdout).toBe("Context 'two' deleted\n");
    });
  });

  it('lists operations and shows one by the beginning of its id', async () => {
    extend(follow(ended));
    extend({
      'GET /api/v1/applications/guestbook/operations': { body: { items: [{ ...ended, steps: [] }] } },
    });
    const list = await run(['app', 'operations', 'guestbook']);
    expect(list.stdout).toMatch(
      /3f2a91c4 +sync +Succeeded +1 +admin +2026-01-01T00:00:00Z +2\.0s +successfully/,
    );
    const one = await run(['app', 'operations', 'guestbook', '3f2a']);
    expect(one.stdout).toContain(`Operation:          ${operationId}`);
    expect(one.stdout).toMatch(/0 +Sync +0 +apply +apps\/Deployment demo\/web +Synced +1\.0s +created/);
    expect((await run(['app', 'operations', 'guestbook', 'ffff'])).status).toBe(20);
  });

  it('prints requests with --loglevel debug, without the token', async () => {
    const { stderr } = await run(['app', 'get', 'guestbook', '-o', 'yaml', '--loglevel', 'debug']);
    expect(stderr).toMatch(/^GET \/api\/v1\/applications\/guestbook 200 \d+ms\n$/);
  });

  it('says so when the address is not that of a Keelson server', async () => {
    extend({ 'GET /api/v1/applications': { body: 'hello' } });
    const { status, stderr } = await run(['app', 'list']);
    expect(status).toBe(20);
    expect(stderr).toContain('in an unknown form at its top');
  });

  it('prints both versions, or its own without asking a server', async () => {
    extend({ 'GET /api/version': { body: { Version: 'v9' } } });
    expect((await run(['version', '--short'])).stdout).toMatch(
      /^keelson: v\d+\.\d+\.\d+\nkeelson-server: v9\n$/,
    );
    const own = await run(['version', '--client', '-o', 'json']);
    expect(Object.keys(JSON.parse(own.stdout))).toEqual(['client']);
  });

  it('names the address when the connection is refused', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const address = closed.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await new Promise((resolve) => closed.close(resolve));
    const { status, stderr } = await run(['app', 'list', '--server', `http://127.0.0.1:${port}`]);
    expect(status).toBe(20);
    expect(stderr).toContain(`server http://127.0.0.1:${port} refused the connection (ECONNREFUSED)`);
    expect(existsSync(join(folder, 'config'))).toBe(false);
  });

  it.each([
    ['app edit guestbook', 'keelson app edit does not exist; use keelson app get NAME -o yaml'],
    ['app unset guestbook --helm-set a', 'keelson app unset does not exist; use keelson app get'],
    ['appset list -o json', 'keelson appset does not exist; there are no ApplicationSets yet'],
    ['admin proj generate-spec p', 'keelson admin proj does not exist; use keelson proj create'],
    ['admin initial-password', 'keelson admin initial-password does not exist; the start prints it'],
    ['cluster add staging', 'keelson cluster does not exist; clusters come from the kubeconfig'],
  ])('says what to use instead of keelson %s', async (line, words) => {
    const answer = await run(line.split(' '));
    expect(answer).toMatchObject({ status: 1, stdout: '' });
    expect(answer.stderr).toContain(words);
  });

  it('shows none of these among its commands', async () => {
    for (const group of [[], ['app'], ['admin']]) {
      const { stdout } = await run([...group, '--help']);
      expect(stdout).not.toMatch(/^ {2}(edit|unset|appset|cluster|initial-password) /m);
    }
  });

  it('says who asked for each operation', async () => {
    const items = [ended, { ...ended, initiatedBy: { username: '', automated: true } }];
    extend({ 'GET /api/v1/applications/guestbook/operations': { body: { items } } });
    const { stdout } = await run(['app', 'operations', 'guestbook']);
    const [header = '', ...rows] = stdout.trimEnd().split('\n');
    const by = header.indexOf('BY');
    expect(rows.map((row) => row.slice(by).split(' ')[0])).toEqual(['admin', 'automated']);
  });
});
