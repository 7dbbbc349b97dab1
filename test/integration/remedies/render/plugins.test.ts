import { rename } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PluginTask } from '../../../../activities/plugin/plugin.ts';
import { createPlugins } from '../../../../activities/plugin/plugins.ts';
import {
  type PluginServer,
  type PluginServerOptions,
  startPluginServer,
} from '../../../../activities/plugin/server.ts';
import { readPluginFileAt } from '../../../../activities/plugin/server-setup.ts';
import { sidecarPlugin } from '../../../../activities/plugin/sidecar.ts';
import { filesOnDisk } from '../../../../activities/render/files/source-files.ts';
import { describeTool, type RenderRequest } from '../../../../activities/render/render.ts';
import { type PluginFile, readPluginFile } from '../../../../core/plugin/plugin-file.ts';
import { defaultToolSettings } from '../../../../core/settings/words/tool-settings.ts';
import { type Followed, followEach, problemsOf } from '../../../support/hostile/remedies.ts';
import { renderTree, type TreeFiles, writeTree } from '../../../support/render/render-files.ts';
import { renderSandbox, type SourceOptions } from '../../../support/render/render-source.ts';
import { noTools, pluginFile, print, shell } from '../../../support/servers/plugin-server.ts';

const files: TreeFiles = { 'app/a.txt': 'a' };
let folder = '';
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpr-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What a sidecar does, and what the source says. */
type Input = {
  readonly spec?: Record<string, unknown>;
  readonly annotations?: Record<string, string>;
  readonly source?: SourceOptions;
  readonly tree?: TreeFiles;
  readonly server?: Partial<PluginServerOptions>;
  readonly limits?: { readonly timeoutSeconds?: number; readonly maxOutputBytes?: number };
};

function pluginOf(spec: Record<string, unknown>, name = 'own'): PluginFile {
  const read = readPluginFile(pluginFile(name, spec), (message) => {
    throw new Error(message);
  });
  if (read === undefined) throw new Error('the test has a wrong plugin file');
  return read;
}

const silent = { info: () => {}, error: () => {} };

async function serve(
  socketDir: string,
  spec: Record<string, unknown>,
  more: Partial<PluginServerOptions> = {},
  name = 'own',
): Promise<PluginServer> {
  await mkdir(socketDir, { recursive: true });
  const plugin = pluginOf(spec, name);
  const environment = { PATH: process.env['PATH'] ?? '' };
  return await startPluginServer({
    ...{ plugin, socketDir, environment, secrets: [], timeoutSeconds: 20, log: silent },
    ...more,
  });
}

/** A folder of sockets of its own. */
function newSockets(): string {
  count += 1;
  return join(folder, `s${count}`);
}

function rendered(
  socketDir: string | undefined,
  { tree = files, source = { plugin: { name: 'own' } }, limits = {} }: Input,
  rest: Partial<RenderRequest> = {},
) {
  const plugins = createPlugins({
    sandbox: renderSandbox,
    socketDir,
    cacheDir: join(folder, 'caches'),
    offered: {},
  });
  const settings = { ...defaultToolSettings, plugins: [] };
  return renderTree(
    tree,
    { plugins, sandbox: renderSandbox, settings, tools: noTools, limits, ...rest },
    source,
  );
}

async function problemsOfSidecar(input: Input): Promise<string[]> {
  const sockets = newSockets();
  const server = await serve(sockets, input.spec ?? { generate: print }, input.server);
  try {
    return await problemsOf(() => rendered(sockets, input));
  } finally {
    await server.close();
  }
}

describe.concurrent('a source for the plugin of a sidecar', () => {
  const discovering = { generate: print, discover: { fileName: './a.txt' } };
  const other = { 'app/b.txt': 'b' };
  const sleeping = { generate: shell('sleep "$(cat a.txt)"') };
  const failing = { generate: shell('exit "$(cat a.txt)"') };
  followEach<Input>(problemsOfSidecar, [
    ['no plugin discovers the folder (there are: own); set plugin.name', { source: { plugin: {} } }, {}],
    [
      "plugin own-v1 is not there (there are: own); correct plugin.name, which has the plugin's version after a hyphen, or add the plugin",
      { source: { plugin: { name: 'own-v1' } } },
      {},
    ],
    [
      "plugin own is not there (there are: own-v1); correct plugin.name, which has the plugin's version after a hyphen, or add the plugin",
      { spec: { generate: print, version: 'v1' } },
      { spec: { generate: print, version: 'v1' }, source: { plugin: { name: 'own-v1' } } },
    ],
    [
      "plugin own doesn't take this folder, since what it discovers by isn't there; add that or remove discover from the plugin",
      { spec: discovering, tree: other },
      { spec: discovering, tree: { ...other, ...files } },
    ],
    [
      "plugin own doesn't take this folder, since what it discovers by isn't there; add that or remove discover from the plugin",
      { spec: discovering, tree: other },
      { tree: other },
    ],
    [
      'replace it by the file',
      { tree: { ...files, 'app/out': { link: '../../../etc/hostname' } } },
      { tree: { ...files, 'app/out': 'name' } },
    ],
    [
      'rename it, or leave it out',
      { tree: { ...files, 'app/a\\b': '' } },
      { tree: { ...files, 'app/a-b': '' } },
    ],
    [
      'has more than 3 members and folders; leave out files that are not needed',
      { tree: { 'app/a': '', 'app/b': '', 'app/c': '', 'app/d': '' }, server: { limits: { maxMembers: 3 } } },
      { server: { limits: { maxMembers: 6 } } },
    ],
    ...[
      { tree: files, server: { limits: { maxArchiveBytes: 9000 } } },
      { tree: large(), server: {} },
    ].map(
      (helped): Followed<Input> => [
        'bytes as an archive, and the plugin takes 9000; make the repository smaller or raise --max-archive-bytes of the plugin',
        { tree: large(), server: { limits: { maxArchiveBytes: 9000 } } },
        helped,
      ],
    ),
    ...[
      { tree: files, server: { limits: { maxFileBytes: 5000 } } },
      { tree: large(), server: {} },
    ].map(
      (helped): Followed<Input> => [
        'make the repository smaller or raise --max-file-bytes of the plugin',
        { tree: large(), server: { limits: { maxFileBytes: 5000 } } },
        helped,
      ],
    ),
    ...[{ generate: shell('true') }, { generate: print }].map(
      (spec): Followed<Input> => [
        "generate can't start keelson-none; put the program where the plugin runs or correct its command",
        { spec: { generate: { command: ['keelson-none'] } } },
        { spec },
      ],
    ),
    [
      'generate was not done when 0.5 s were over; make the source smaller or split it, or raise --timeout of the plugin server',
      { spec: sleeping, tree: { 'app/a.txt': '9' }, server: { timeoutSeconds: 0.5 } },
      { spec: sleeping, tree: { 'app/a.txt': '0' }, server: { timeoutSeconds: 5 } },
    ],
    [
      'or raise --timeout of the plugin server',
      { spec: sleeping, tree: { 'app/a.txt': '0.7' }, server: { timeoutSeconds: 0.3 } },
      { spec: sleeping, tree: { 'app/a.txt': '0.7' } },
    ],
    [
      'generate was not done when 0.4 s were over; make the source smaller or split it',
      { spec: sleeping, tree: { 'app/a.txt': '9' }, limits: { timeoutSeconds: 0.4 } },
      { spec: sleeping, tree: { 'app/a.txt': '0' }, limits: { timeoutSeconds: 5 } },
    ],
    [
      'generate printed more than 20000 bytes; split the source into several applications',
      { spec: { generate: shell('cat *.yaml') }, tree: maps(9), limits: { maxOutputBytes: 20_000 } },
      { spec: { generate: shell('cat *.yaml') }, tree: maps(2), limits: { maxOutputBytes: 20_000 } },
    ],
    ...[
      { spec: failing, tree: { 'app/a.txt': '0' } },
      { spec: { generate: print }, tree: { 'app/a.txt': '3' } },
    ].map(
      (helped): Followed<Input> => [
        'generate failed with status 3 and no word; correct the source or the plugin',
        { spec: failing, tree: { 'app/a.txt': '3' } },
        helped,
      ],
    ),
    [
      'plugin variable "ARGOCD_ENV_A=B" can\'t be given to a program; leave out = and NUL',
      { source: { plugin: { name: 'own', env: [{ name: 'A=B', value: '1' }] } } },
      { source: { plugin: { name: 'own', env: [{ name: 'A', value: '1' }] } } },
    ],
  ]);

  function large(): TreeFiles {
    return { ...files, 'app/b.txt': 'x'.repeat(20_000) };
  }
  function maps(number: number): TreeFiles {
    const text = (name: string) =>
      `---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}, data: {a: ${'x'.repeat(5000)}}}\n`;
    return Object.fromEntries(Array.from({ length: number }, (_, at) => [`app/${at}.yaml`, text(`m${at}`)]));
  }

  it('announces parameters as a list', async () => {
    const announced = async (text: string): Promise<string[]> => {
      const sockets = newSockets();
      const server = await serve(sockets, {
        generate: print,
        parameters: { dynamic: shell(`echo '${text}'`) },
      });
      const root = await writeTree(files);
      const plugins = createPlugins({
        sandbox: renderSandbox,
        socketDir: sockets,
        cacheDir: folder,
        offered: {},
      });
      try {
        return await problemsOf(() =>
          describeTool({
            ...{ plugins, sandbox: renderSandbox, tools: noTools, files: filesOnDisk(root) },
            source: { repoURL: 'https://git.example.com/a.git', path: 'app', plugin: { name: 'own' } },
            application: {
              instanceName: 'demo',
              name: 'demo',
              namespace: '',
              project: 'default',
              revision: '',
            },
          }),
        );
      } finally {
        await server.close();
        await rm(root, { recursive: true });
      }
    };
    expect((await announced('no list')).join()).toContain(
      'plugin own: its program of dynamic parameters printed no JSON list of parameters; correct the program',
    );
    expect(await announced('[{"name": "tag"}]')).toEqual([]);
  });
});

describe('a sidecar that is not there', () => {
  const own = { 'app/a.asked': '' };
  const asking = { generate: print, discover: { find: shell('ls *.asked 2>/dev/null || true') } };

  /** A socket that nobody listens on any more, as a killed program leaves it. */
  async function deadSocket(sockets: string): Promise<void> {
    await mkdir(sockets, { recursive: true });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(sockets, 'first.sock'), resolve));
    await promisify(rename)(join(sockets, 'first.sock'), join(sockets, 'own.sock'));
    await new Promise((resolve) => server.close(resolve));
  }
  const unasked = (sockets: string) => problemsOf(() => rendered(sockets, { tree: own, source: {} }));
  const named = (sockets: string) => problemsOf(() => rendered(sockets, { tree: own }));

  it('is started again', async () => {
    const sockets = newSockets();
    await deadSocket(sockets);
    expect((await unasked(sockets)).join()).toContain(
      "not asked since they don't answer: own; start their sidecars again, or remove the sockets of those that are gone for good",
    );
    expect((await named(sockets)).join()).toContain(
      'start the sidecar again, or remove own.sock if it is gone for good',
    );
    const now = () => rendered(sockets, { tree: own, source: {} }, { unresponsive: [] });
    expect((await problemsOf(now)).join()).toContain('plugin own: it has just stopped answering; try again');
    const server = await serve(sockets, asking);
    expect(await unasked(sockets)).toEqual([]);
    expect(await named(sockets)).toEqual([]);
    expect(await problemsOf(now)).toEqual([]);
    await server.close();
  });

  it('is gone for good, and holds up no source that does not name it', async () => {
    const sockets = newSockets();
    await deadSocket(sockets);
    expect(await unasked(sockets)).toHaveLength(1);
    const told: string[] = [];
    const onSilence = (_: string, reason: string): void => void told.push(reason);
    const plugins = createPlugins({
      sandbox: renderSandbox,
      socketDir: sockets,
      cacheDir: folder,
      offered: {},
      onSilence,
    });
    await plugins.roll([]);
    expect(told.splice(0).join()).toContain('or remove own.sock if it is gone for good');
    await rm(join(sockets, 'own.sock'));
    await plugins.roll([]);
    expect(told).toEqual([]);
    expect(await unasked(sockets)).toEqual([]);
  });

  it.each([
    [
      "its sidecar answers in a way this release doesn't know; use the plugin-server of this release",
      'other',
    ],
    ['its sidecar did not answer within 0.3 s; look at its log and start it again', 'hangs'],
    ['its sidecar takes longer than 0.5 s to answer; look at its log and start it again', 'hangs later'],
  ])('is replaced: %s', async (says, kind) => {
    const sockets = newSockets();
    await mkdir(sockets);
    const odd = createHttpServer((request, response) => {
      request.resume();
      if (kind === 'other') response.end('{"protocol": 99}');
    });
    await new Promise<void>((resolve) => odd.listen(join(sockets, 'own.sock'), resolve));
    const plugin = sidecarPlugin('own', join(sockets, 'own.sock'), {
      describeSeconds: 0.3,
      transferSeconds: 0.2,
    });
    const root = await writeTree(files);
    const task = taskOf(root);
    let patience = 0.3;
    const ask = () =>
      problemsOf(() =>
        kind === 'hangs later'
          ? plugin.generate({ ...task, limits: { ...task.limits, timeoutSeconds: patience } })
          : plugin.discovery(),
      );
    expect((await ask()).join()).toContain(says);
    odd.closeAllConnections();
    await new Promise((resolve) => odd.close(resolve));
    const server = await serve(sockets, { generate: print });
    patience = 10;
    expect(await ask()).toEqual([]);
    await server.close();
    await rm(root, { recursive: true });
  });
});

function taskOf(root: string, more: Partial<PluginTask> = {}): PluginTask {
  const limits = { timeoutSeconds: 3, maxOutputBytes: 10_000 };
  return { root, folder: join(root, 'app'), project: 'p', variables: {}, scratch: root, limits, ...more };
}

describe('a task of a sidecar', () => {
  it('names what is there, and what it may', async () => {
    const sockets = newSockets();
    const logged: unknown[] = [];
    const log = { info: () => {}, error: (fields: unknown) => void logged.push(fields) };
    const server = await serve(sockets, { generate: print }, { log });
    const plugin = sidecarPlugin('own', server.socket);
    const root = await writeTree(files);
    const doing = (more: Partial<PluginTask>) => problemsOf(() => plugin.generate(taskOf(root, more)));
    expect((await doing({ folder: join(root, 'ap') })).join()).toContain(
      "ap: folder is not among the files that were sent; correct the source's path",
    );
    expect((await doing({ variables: { LD_PRELOAD: 'x' } })).join()).toContain(
      "variable LD_PRELOAD can't be set by a task; rename it",
    );
    expect(await doing({ variables: { ARGOCD_ENV_LD_PRELOAD: 'x' } })).toEqual([]);
    const own = process.env['TMPDIR'];
    process.env['TMPDIR'] = join(folder, 'gone');
    try {
      const unexpected = (await doing({})).join();
      for (const part of 'plugin server: ENOENT…; see its log'.split('…')) expect(unexpected).toContain(part);
      // The log tells where in the program that was, which the reply does not.
      expect(JSON.stringify(logged.at(-1))).toMatch(/at .*server\.ts/);
      await mkdir(join(folder, 'gone'));
      expect(await doing({})).toEqual([]);
    } finally {
      if (own === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = own;
    }
    await server.close();
    await rm(root, { recursive: true });
  });
});

describe('a plugin server', () => {
  it('has a file, a short path and a name of its own', async () => {
    const config = join(folder, 'config');
    await mkdir(config);
    expect((await problemsOf(() => readPluginFileAt(config))).join()).toContain(
      `plugin file ${join(config, 'plugin.yaml')} can't be read; mount it there or set --config-dir`,
    );
    await writeFile(join(config, 'plugin.yaml'), pluginFile('own', { generate: print }));
    expect(await problemsOf(() => readPluginFileAt(config))).toEqual([]);

    const deep = join(newSockets(), 'x'.repeat(90));
    const started: PluginServer[] = [];
    const start = (sockets: string, name = 'own') =>
      problemsOf(async () => started.push(await serve(sockets, { generate: print }, {}, name)));
    expect((await start(deep)).join()).toContain(
      'path is longer than 107 bytes; choose a shorter --socket-dir or plugin name',
    );
    const sockets = newSockets();
    expect(await start(sockets)).toEqual([]);
    expect((await start(sockets)).join()).toContain(
      'another plugin server is there; stop it or give this plugin another name',
    );
    expect(await start(sockets, 'other')).toEqual([]);
    await started[0]?.close();
    expect(await start(sockets)).toEqual([]);
    await Promise.all(started.slice(1).map((one) => one.close()));
  });

  it('has a folder for its socket', async () => {
    const sockets = newSockets();
    const ask = (dir: string) => problemsOf(() => rendered(dir, { source: {} }));
    expect((await ask(sockets)).join()).toContain(
      `plugin sockets: folder ${sockets} can't be read; mount it or correct KEELSON_PLUGIN_SOCKETS`,
    );
    expect(await ask(folder)).toEqual([]);
    await mkdir(sockets);
    expect(await ask(sockets)).toEqual([]);
  });
});
