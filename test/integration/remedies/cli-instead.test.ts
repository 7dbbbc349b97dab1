import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ApiEnv } from '../../../api/context.ts';
import { uiRoutes } from '../../../api/reply/ui.ts';
import { builtUi } from '../../../bin/up/build-ui.ts';
import { followEach, problemsOf } from '../../support/hostile/remedies.ts';
import { at, guestbook, login } from '../../support/keelson/api/api.ts';
import { type ServedApi, serveApi } from '../../support/keelson/api/serve-api.ts';
import { type CliRun, keelson } from '../../support/keelson/run-cli.ts';

let api: ServedApi;
let folder = '';
let uiDir = '';
let token = '';

beforeAll(async () => {
  uiDir = await builtUi({ say: () => {}, progress: () => {} });
  api = await serveApi({ config: { uiDir } });
  token = (await login(api.api, api.adminPassword)).token;
  folder = await mkdtemp(join(tmpdir(), 'keelson-instead-'));
  await write('secret.yaml', secret);
  await write('settings.yaml', settings);
  await done('settings apply -f settings.yaml');
  const helm = { parameters: [{ name: 'tag', value: 'v1' }] };
  const source = { repoURL: 'https://git.example.com/team/deploy.git', path: 'guestbook', helm };
  await api.call('POST', '/api/v1/applications', guestbook('web', { source }));
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

function run(line: string, env: Record<string, string> = {}): Promise<CliRun> {
  const words = line.split(' ').map((word) => (/\.yaml$/.test(word) ? join(folder, word) : word));
  return keelson(words, {
    env: { HOME: folder, KEELSON_SERVER: api.url, KEELSON_AUTH_TOKEN: token, ...env },
  });
}

/** Runs a line that has to work, and answers with what it printed. */
async function done(line: string, env: Record<string, string> = {}): Promise<string> {
  const { status, stdout, stderr } = await run(line, env);
  expect([line, status, stderr]).toEqual([line, 0, '']);
  return stdout;
}

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
const specOf = async (name: string): Promise<unknown> =>
  at((await api.call('GET', `/api/v1/applications/${name}`)).body, 'spec');

type Instead = readonly [line: string, says: string, instead: () => Promise<void>];

const rows: readonly Instead[] = [
  ...['cluster list', 'admin cluster stats'].map(
    (line): Instead => [
      line,
      'clusters come from the kubeconfig that Keelson is started with; see GET /api/v1/clusters',
      async () => {
        const { body } = await api.call('GET', '/api/v1/clusters');
        expect(at(body, 'items.0.name')).toBe('in-cluster');
      },
    ],
  ),
  [
    'admin proj generate-spec a',
    'use keelson proj create, or keelson proj get PROJECT -o yaml',
    async () => {
      await done('proj create a --src https://git.example.com/a.git');
      expect(await done('proj get a -o yaml')).toContain('https://git.example.com/a.git');
    },
  ],
  [
    'admin dashboard',
    'the server has the user interface; open its address in a browser',
    async () => {
      const page = await fetch(api.url, { headers: { accept: 'text/html' } });
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<div id="root">')]);
    },
  ],
  [
    'admin repo generate-spec',
    'use keelson repo add, or keelson repo apply -f FILE for declarations',
    async () => {
      await done('repo add https://git.example.com/b.git');
      expect(await done('repo apply -f secret.yaml')).toBe('1 repositories registered\n');
    },
  ],
  ...[
    ['app edit web', 'use keelson app get NAME -o yaml, edit it, and keelson app create --upsert -f FILE'],
    [
      'app unset web -p tag',
      'use keelson app get NAME -o yaml, remove it, and keelson app create --upsert -f FILE',
    ],
  ].map(
    ([line = '', says = '']): Instead => [
      line,
      says,
      async () => {
        await write('web.yaml', await done('app get web -o yaml'));
        const text = await readFile(join(folder, 'web.yaml'), 'utf8');
        const edited = text
          .replace(/\n {4}helm:(\n {6}.*)+/, '')
          .replace('path: guestbook', 'path: elsewhere');
        await write('web.yaml', edited);
        await done('app create --upsert -f web.yaml');
        expect(await specOf('web')).toMatchObject({ source: { path: 'elsewhere' } });
        expect(at(await specOf('web'), 'source.helm')).toBeUndefined();
      },
    ],
  ),
  [
    'app patch web --patch {}',
    'use keelson app set NAME for a field, or PATCH /api/v1/applications/NAME with a merge patch',
    async () => {
      await done('app set web --path one');
      expect(await specOf('web')).toMatchObject({ source: { path: 'one' } });
      const patch = '{"spec": {"source": {"path": "two"}}}';
      await api.call('PATCH', '/api/v1/applications/web', { patch, patchType: 'merge' });
      expect(await specOf('web')).toMatchObject({ source: { path: 'two' } });
    },
  ],
  [
    'appset create a.yaml',
    'there are no ApplicationSets yet; create their applications with keelson app create -f FILE',
    async () => {
      await write('set.yaml', ['a', 'b'].map((name) => stringify(guestbook(name))).join('---\n'));
      await done('app create -f set.yaml');
      expect(await done('app list -o name')).toContain('argocd/a\nargocd/b\n');
    },
  ],
  [
    'configure',
    'there is nothing to configure; give flags, or KEELSON_SERVER and KEELSON_AUTH_TOKEN',
    async () => {
      const nothing = { KEELSON_SERVER: '', KEELSON_AUTH_TOKEN: '' };
      await done(`app list --server ${api.url} --auth-token ${token}`, nothing);
      await done('app list', { ...nothing, KEELSON_SERVER: api.url, KEELSON_AUTH_TOKEN: token });
    },
  ],
  [
    'relogin',
    'use keelson login SERVER',
    async () => {
      await done(`login ${api.url} --username admin --password ${api.adminPassword}`);
      await done('app list', { KEELSON_AUTH_TOKEN: '' });
    },
  ],
];

const settings = `apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-cm}
data: {application.resourceTrackingMethod: annotation}
`;
const secret = `apiVersion: v1
kind: Secret
metadata: {name: c, labels: {argocd.argoproj.io/secret-type: repository}}
stringData: {url: https://git.example.com/c.git}
`;

describe('a command of the reference that is not here', () => {
  it.each(rows)('%s', async (line, says, instead) => {
    const { status, stderr } = await run(line);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`does not exist; ${says}`)]);
    await instead();
  });
});

describe('a server whose user interface is not where it was said to be', () => {
  followEach(
    (isBuilt: boolean) =>
      problemsOf(async () => {
        const app = new OpenAPIHono<ApiEnv>();
        app.onError((error) => {
          throw error;
        });
        uiRoutes(app, isBuilt ? uiDir : folder);
        const page = await app.request('/', { headers: { accept: 'text/html' } });
        expect(page.status).toBe(200);
      }),
    [['set KEELSON_UI_DIR to its folder, or make it: npm run build:ui', false, true]],
  );
});
