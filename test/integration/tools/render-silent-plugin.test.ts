import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlugins } from '../../../activities/plugin/plugins.ts';
import { readPlugins } from '../../../core/settings/words/tool-settings.ts';
import { connectDatabase, type DatabaseConnection } from '../../../db/client.ts';
import { createSandbox } from '../../../platform/sandbox/sandbox.ts';
import { testPlatform } from '../../support/keelson/platform.ts';
import {
  objectsOf,
  type RenderWorker,
  render,
  startRenderWorker,
  type WantedSources,
  wantedOf,
} from '../../support/render/render-worker.ts';
import { type GitServer, startGitServer } from '../../support/servers/git-server.ts';
import { noTools, pluginFile, pluginServers, shell } from '../../support/servers/plugin-server.ts';

const object = (name: string) => `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}}`;

let folder = '';
let gitServer: GitServer;
let servers: ReturnType<typeof pluginServers>;
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createDatabase']>>;
let database: DatabaseConnection;
let worker: RenderWorker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kp-'));
  await mkdir(join(folder, 'tmp'));
  servers = pluginServers(folder);
  await mkdir(servers.socketDir);
  gitServer = await startGitServer();
  facts = await testPlatform().createDatabase();
  database = connectDatabase(facts.databaseUrl, { connections: 2, onError: () => {} });
  const sandbox = createSandbox({ isolation: 'off' });
  const plugins = createPlugins({ sandbox, socketDir: servers.socketDir, cacheDir: folder, offered: {} });
  worker = startRenderWorker(database.db, noTools, folder, { sandbox, plugins });
});

afterAll(async () => {
  await servers?.stop();
  await database?.close();
  await facts?.drop();
  await gitServer?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('activities/desired/renderer with a plugin that does not answer', () => {
  it('leaves to it what it has rendered, and looks at other folders anew once it answers', async () => {
    const start = () =>
      servers.start(
        'letters',
        pluginFile('letters', {
          generate: shell(`echo '${object('by-plugin')}'`),
          discover: { find: shell('ls *.letters 2>/dev/null || true') },
        }),
      );
    const child = await start();
    const repository = await gitServer.createRepository('letters', {
      'app/a.letters': '',
      'app/a.yaml': object('by-directory'),
    });
    const source = { repoURL: repository.url, path: 'app' };
    const heads = new Map([[repository.url, await repository.commit({ 'README.md': 'x' })]]);
    // Another one that has to be asked as well: with it the inputs are the same whether the first answers or not.
    const numbers = pluginFile('numbers', {
      generate: shell(`echo '${object('by-numbers')}'`),
      discover: { find: shell('ls *.numbers 2>/dev/null || true') },
    });
    const plugins = readPlugins({ 'numbers.yaml': numbers }, () => () => {});
    const wanted = (name: string): WantedSources => {
      const { target, sources } = wantedOf(name, [source], heads);
      return { target: { ...target, tools: { ...target.tools, plugins } }, sources };
    };
    const rendered = async (name: string): Promise<string[]> => {
      const row = await render(worker, wanted(name));
      const objects = await objectsOf(worker, row);
      return objects.map((text) => JSON.parse(text).metadata.name);
    };
    expect(await rendered('before')).toEqual(['by-plugin']);
    await database.pool.query(
      `with rendered (name, types) as (values ('before', '["Plugin"]'::jsonb), ('plain', '["Directory"]')),
      created as (insert into applications (namespace, name, project, spec)
        select 'argocd', name, 'default', '{}' from rendered returning id, name)
      insert into application_status (application_id, source_types)
        select id, types from created join rendered using (name)`,
    );

    child.kill('SIGKILL');
    await expect.poll(() => child.signalCode).toBe('SIGKILL');
    await expect(rendered('before')).rejects.toThrow(
      /source 1 was rendered by a plugin before, and plugins were not asked since they don't answer: letters/,
    );
    expect(await rendered('plain')).toEqual(['by-directory']);
    expect(await rendered('new')).toEqual(['by-directory']);
    const { inputs, expiresAt } = await render(worker, wanted('new'));
    expect([inputs?.fetches, expiresAt !== null]).toEqual([true, true]);

    await rm(join(servers.socketDir, 'letters.sock'));
    await start();
    expect(await rendered('before')).toEqual(['by-plugin']);
    expect(await rendered('new')).toEqual(['by-plugin']);
  });
});
