import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../engine/temporal.ts';
import { at, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { configMap, yamlOf } from '../../support/keelson/applications.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import { type CliRun, keelsonIn } from '../../support/keelson/run-cli.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';

let keelson: TestKeelson;
let repository: TestRepository;
let folder: string;
let run: (...words: string[]) => Promise<CliRun>;

beforeAll(async () => {
  keelson = await startKeelson();
  repository = await keelson.gitServer.createRepository('checked', {
    'app/a.yaml': yamlOf(configMap('a', { a: '1' })),
    'other/b.yaml': yamlOf(configMap('b', { b: '1' })),
    'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  });
  folder = await mkdtemp(join(tmpdir(), 'keelson-checks-'));
  run = keelsonIn(folder);
  await run(
    'login',
    new URL(keelson.url).host,
    '--plaintext',
    '--username',
    'admin',
    '--password',
    keelson.adminPassword,
  );
});

afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  await keelson?.stop();
});

type Flags = Readonly<Record<string, string>>;

/** Asks for an application that is right but for what the flags say. */
async function create(name: string, flags: Flags = {}): Promise<CliRun> {
  const all: Flags = {
    repo: repository.url,
    path: 'app',
    'dest-server': 'https://kubernetes.default.svc',
    'dest-namespace': name,
    ...flags,
  };
  return await run('app', 'create', name, ...words(all));
}

function words(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
}

async function exists(name: string): Promise<boolean> {
  const { stdout } = await run('app', 'list', '-o', 'name');
  return stdout.split('\n').some((line) => line.endsWith(`/${name}`));
}

const nowhere = 'https://nowhere.invalid/team/deploy.git';
const missingSha = '0123456789012345678901234567890123456789';

describe('checks of applications by a worker', () => {
  it.each<[string, Flags, RegExp]>([
    [
      'path',
      { path: 'nowhere' },
      /spec\.source\.path: repository \S+checked at HEAD: nowhere: app path does not exist; correct path or push/,
    ],
    [
      'file',
      { path: 'app/a.yaml' },
      /spec\.source\.path: .* app path is not a directory; use the folder it is in/,
    ],
    [
      'branch',
      { revision: 'mian' },
      /spec\.source\.targetRevision: unable to resolve 'mian' to a commit SHA in \S+checked; use an existing branch.*: main/,
    ],
    ['commit', { revision: missingSha }, new RegExp(`spec\\.source\\.targetRevision: .*${missingSha}`)],
    [
      'repository',
      { repo: nowhere },
      /spec\.source\.repoURL: repository https:\/\/nowhere\.invalid\/team\/deploy\.git: .*host name/,
    ],
    [
      'namespace',
      { 'dest-namespace': 'Bad_NS' },
      /spec\.destination\.namespace: "Bad_NS" is not a valid name of a namespace; use at most 63/,
    ],
    [
      'cluster',
      { 'dest-server': 'https://nowhere.invalid' },
      /spec\.destination: there are no clusters with this server.*add the cluster first/,
    ],
  ])('refuses a %s that does not exist, and writes nothing', async (what, flags, words) => {
    const refused = await create(`no-${what}`, flags);
    expect(refused).toMatchObject({ status: 20, stdout: '' });
    expect(refused.stderr).toContain(`application spec for no-${what} is invalid: `);
    expect(refused.stderr).toMatch(words);
    expect(await exists(`no-${what}`)).toBe(false);
  });

  it('writes it all the same with --validate=false', async () => {
    const created = await run(
      'app',
      'create',
      'unchecked',
      '--validate=false',
      ...words({
        repo: nowhere,
        path: 'nowhere',
        'dest-server': 'https://kubernetes.default.svc',
        'dest-namespace': 'Bad_NS',
      }),
    );
    expect(created).toMatchObject({ status: 0, stdout: "application 'unchecked' created\n" });
    // What is broken can still be changed otherwise, and mended.
    expect((await run('app', 'set', 'unchecked', '--sync-policy', 'none')).stderr).toBe('');
    const mended = words({ repo: repository.url, path: 'app', 'dest-namespace': 'mended' });
    expect((await run('app', 'set', 'unchecked', ...mended)).stderr).toBe('');
  });

  it('checks what is set as it checks what is created', async () => {
    expect(await create('set')).toMatchObject({ status: 0, stderr: '' });
    for (const [flag, value, words] of [
      ['path', 'nowhere', /app path does not exist/],
      ['revision', 'mian', /unable to resolve 'mian'/],
      ['repo', nowhere, /host name/],
      ['dest-namespace', 'Bad_NS', /is not a valid name of a namespace/],
    ] as const) {
      const refused = await run('app', 'set', 'set', `--${flag}`, value);
      expect(refused.status).toBe(20);
      expect(refused.stderr).toMatch(words);
    }
    expect(await run('app', 'set', 'set', '--path', 'other')).toMatchObject({ status: 0, stderr: '' });
    expect((await run('app', 'set', 'set', '--path', 'nowhere', '--validate=false')).status).toBe(0);
  });

  it('names each of several sources that is wrong, and takes one that only lends its files', async () => {
    const sources = (second: object) => ({
      source: undefined,
      sources: [{ repoURL: repository.url, path: 'app' }, second, { repoURL: repository.url, ref: 'values' }],
      destination: { server: 'https://kubernetes.default.svc', namespace: 'several' },
    });
    const call = async (second: object) => {
      const { token } = (await (
        await fetch(`${keelson.url}/api/v1/session`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ username: 'admin', password: keelson.adminPassword }),
        })
      ).json()) as { token: string };
      const reply = await fetch(`${keelson.url}/api/v1/applications`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(guestbook('several', sources(second))),
      });
      return { status: reply.status, body: (await reply.json()) as unknown };
    };
    const wrong = await call({ repoURL: repository.url, path: 'charts/nowhere' });
    expect(wrong).toMatchObject({ status: 400, body: { code: 3 } });
    expect(at(wrong.body, 'message')).toMatch(
      /^application spec for several is invalid: spec\.sources\[1\]\.path: /,
    );
    expect(await call({ repoURL: repository.url, path: 'charts/web' })).toMatchObject({ status: 200 });
  });

  it('warns of a sync option that nobody knows, then and in the application', async () => {
    const warning =
      'sync option CreateNamespce=true is unknown and has no effect; write CreateNamespace=true if that was meant';
    const created = await create('slip', { 'sync-option': 'CreateNamespce=true' });
    expect(created).toEqual({
      status: 0,
      stdout: "application 'slip' created\n",
      stderr: `warning: ${warning}\n`,
    });
    const set = await run('app', 'set', 'slip', '--sync-option', 'Prune=no');
    expect(set.stderr).toContain('warning: sync option Prune=no has a value that is unknown');
    const { stdout } = await run('app', 'get', 'slip', '--refresh');
    expect(stdout).toContain(`SyncOptionWarning  ${warning}`);
  });
});

describe('checks of applications that no worker makes', () => {
  const path = '/api/v1/applications';
  const unwritten =
    /^application guestbook is not written, for its sources were not checked: .*with validate=false/;

  /** An API whose questions go to a Temporal with no worker, or to none. */
  async function withoutWorkers(
    address: string,
    seconds: number,
    work: (server: TestApi) => Promise<void>,
  ): Promise<void> {
    const connection = Connection.lazy({ address });
    const engine = createEngine(new Client({ connection }));
    const server = await startApi({ inspect: (request) => engine.inspect(request, seconds) });
    try {
      await work(server);
    } finally {
      await server.close();
      await connection.close();
    }
  }

  it('are not the fault of whoever asks, and can be left out', async () => {
    await withoutWorkers(testPlatform().temporalAddress, 1, async (server) => {
      const refused = await server.call('POST', path, guestbook());
      expect(refused).toMatchObject({ status: 503, body: { code: 14 } });
      expect(at(refused.body, 'message')).toMatch(unwritten);
      expect(at(refused.body, 'message')).toContain('was not looked at within 1 s; check that a worker runs');
      expect((await server.call('POST', `${path}?validate=false`, guestbook())).status).toBe(200);
    });
  });

  it('are not asked for while the sources stay as they are', async () => {
    await withoutWorkers(testPlatform().temporalAddress, 1, async (server) => {
      expect((await server.call('POST', `${path}?validate=false`, guestbook())).status).toBe(200);
      const labelled = { ...guestbook(), metadata: { name: 'guestbook', labels: { team: 'a' } } };
      for (const [method, address] of [
        ['POST', `${path}?upsert=true`],
        ['PUT', `${path}/guestbook`],
      ] as const) {
        expect((await server.call(method, address, labelled)).status).toBe(200);
      }
      const patch = (spec: object) =>
        server.call('PATCH', `${path}/guestbook`, { patchType: 'merge', patch: JSON.stringify({ spec }) });
      expect((await patch({ syncPolicy: { automated: {} } })).status).toBe(200);
      expect((await patch({ source: { path: 'other' } })).status).toBe(503);
      const elsewhere = guestbook('guestbook', {
        source: { repoURL: 'https://git.example.com/x', path: '.' },
      });
      // Without upsert it is refused for what it is.
      expect((await server.call('POST', path, elsewhere)).status).toBe(400);
      expect((await server.call('POST', `${path}?upsert=true`, elsewhere)).status).toBe(503);
      expect((await server.call('PUT', `${path}/guestbook/spec`, elsewhere.spec)).status).toBe(503);
    });
  });

  it('say that Temporal is away where it is', async () => {
    await withoutWorkers('127.0.0.1:1', 60, async (server) => {
      const refused = await server.call('POST', path, guestbook());
      expect(refused).toMatchObject({ status: 503, body: { code: 14 } });
      expect(at(refused.body, 'message')).toMatch(unwritten);
      expect(at(refused.body, 'message')).toContain('Temporal is not reachable; try again once it is');
    });
  });
});
