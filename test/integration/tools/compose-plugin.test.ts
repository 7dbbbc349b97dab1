import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlugins } from '../../../activities/plugin/plugins.ts';
import { readPluginFileAt } from '../../../activities/plugin/server-setup.ts';
import { type Child, startChild } from '../../../local/process/child.ts';
import { createSandbox } from '../../../platform/sandbox/sandbox.ts';
import { imageFacts, parseCompose, variablesOf } from '../../support/check/compose-file.ts';
import { renderTree } from '../../support/render/render-files.ts';
import { noTools } from '../../support/servers/plugin-server.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string) => readFile(join(root, path), 'utf8');

type Service = ReturnType<typeof parseCompose>['services'][string];

let folder: string;
let text: string;
let worker: Service;
let sidecar: Service;
const children: Child[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kc-'));
  text = await read('deploy/compose/plugin.yaml');
  const { services } = parseCompose(text);
  expect(Object.keys(services)).toEqual(['worker', 'plugin-template']);
  [worker, sidecar] = Object.values(services) as [Service, Service];
});

afterAll(async () => {
  await Promise.all(children.map((child) => child.stop()));
  await rm(folder, { recursive: true, force: true });
});

/** Where a service has a volume or a folder. */
function placeOf({ volumes }: Service, what: string): string | undefined {
  return volumes.find((volume) => volume.startsWith(`${what}:`))?.split(':')[1];
}

describe('deploy/compose/plugin.yaml', () => {
  it('adds to the worker of docker-compose.yml, with the same image and no variable more', async () => {
    const main = parseCompose(await read('docker-compose.yml')).services;
    expect(sidecar.image).toBe(main['worker']?.image);
    const explained = [...(await read('.env.example')).matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(explained).toEqual(expect.arrayContaining(variablesOf(text)));
    expect(sidecar.environment).toEqual({});
  });

  it('gives worker and sidecar one volume for the sockets, of the user that both run as', async () => {
    const place = placeOf(worker, 'plugin-sockets');
    expect(place).toBe(worker.environment['KEELSON_PLUGIN_SOCKETS']);
    expect(placeOf(sidecar, 'plugin-sockets')).toBe(flag('--socket-dir'));
    expect(text).toMatch(/o: .*uid=1000,gid=1000/);
    const { plugin } = await readPluginFileAt(join(root, 'deploy/compose/plugin'));
    expect(sidecar['healthcheck']).toMatchObject({
      test: ['CMD', 'test', '-S', `${flag('--socket-dir')}/${plugin.address}.sock`],
    });
  });

  it('runs a plugin that a worker finds and renders with', async () => {
    const socketDir = join(folder, 's');
    const home = join(folder, 'tmp');
    await Promise.all([mkdir(socketDir), mkdir(home)]);
    const [program, ...args] = sidecar.command ?? [];
    expect(program).toBe('node');
    // As in the container, where the config folder is the default one.
    expect(placeOf(sidecar, './deploy/compose/plugin')).toBe('/home/argocd/cmp-server/config');
    const places = new Map([[flag('--socket-dir'), socketDir]]);
    children.push(
      await startChild({
        name: 'plugin',
        command: process.execPath,
        arguments: [
          ...args.map((one) => places.get(one) ?? one),
          '--config-dir',
          join(root, 'deploy/compose/plugin'),
        ],
        cwd: root,
        env: {
          ...imageFacts(await read('Dockerfile')).environment,
          PATH: process.env['PATH'] ?? '',
          TMPDIR: home,
        },
        logFile: join(folder, 'plugin.log'),
        pidFile: join(folder, 'plugin.pid'),
        ready: async () => (await readFile(join(folder, 'plugin.log'), 'utf8')).includes('plugin served'),
      }),
    );
    const sandbox = createSandbox({ isolation: 'off' });
    const plugins = createPlugins({ sandbox, socketDir, cacheDir: home, offered: {} });
    const { manifests, sourceType } = await renderTree(
      { 'app/a.tmpl': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "@NAME@"}\n' },
      { plugins, sandbox, tools: noTools },
    );
    expect([sourceType, manifests[0]?.metadata.name]).toEqual(['Plugin', 'demo']);
  });
});

function flag(name: string): string {
  const args = sidecar.command ?? [];
  return args[args.indexOf(name) + 1] ?? '';
}
