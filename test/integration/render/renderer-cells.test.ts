import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderers } from '../../../activities/render/renderers.ts';
import { sourcesOf } from '../../../core/application/source/source.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import { readApplication } from '../../../core/application/spec/read-application.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import { readSettingsFile } from '../../../core/settings/words/config-maps.ts';
import { readSettings } from '../../../core/settings/words/read-settings.ts';
import type { ToolSettings } from '../../../core/settings/words/tool-settings.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type RenderWorker, startRenderWorker, wantedOf } from '../../support/render/render-worker.ts';
import { expectContract, withoutFixture } from '../../support/render/renderer-contract.ts';
import { type GitServer, startGitServer } from '../../support/servers/git-server.ts';

const top = join(import.meta.dirname, '../../..');
/** Applications with their sources, and folders that are a source each. */
const examples = 'examples';
const own = 'bench/render-parity/own';
/** Its chart is in a public Helm repository. */
const elsewhere = 'helm-repository';

async function filesBelow(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(join(top, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(join(top, folder), path)] = await readFile(path, 'utf8');
  }
  return files;
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(top, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && entry.name !== elsewhere).map(({ name }) => name);
}

async function sourcesOfExample(name: string): Promise<readonly ApplicationSource[]> {
  const { value } = readApplication(
    parse(await readFile(join(top, examples, name, 'application.yaml'), 'utf8')),
  );
  return value === undefined ? [] : sourcesOf(value.spec);
}

const fixtures: Readonly<Record<string, readonly Partial<ApplicationSource>[]>> = Object.fromEntries([
  ...(await Promise.all(
    (await foldersIn(examples)).map(async (name) => [name, await sourcesOfExample(name)]),
  )),
  ...(await foldersIn(own)).map((name) => [name, [{ path: `own/${name}` }]]),
]);

describe('activities/render/renderers', () => {
  let server: GitServer;
  let connection: DatabaseConnection;
  let worker: RenderWorker;
  let cacheDir = '';
  let heads: ReadonlyMap<string, string>;
  let url = '';
  let tools: ToolSettings;
  const rows: RenderRow[] = [];

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-cells-'));
    [server, connection] = await Promise.all([startGitServer(), openTestDatabase()]);
    worker = startRenderWorker(connection.db, await renderTools(), cacheDir);
    const charts = Object.entries(await filesBelow(own)).map(([path, text]) => [`own/${path}`, text]);
    const repository = await server.createRepository('cells', {
      ...(await filesBelow(examples)),
      ...Object.fromEntries(charts),
    });
    url = repository.url;
    heads = new Map([[url, await repository.commit({ first: '' })]]);
    const plugin = await readFile(join(top, examples, 'plugin/configmap.yaml'), 'utf8');
    const { settings } = readSettings(readSettingsFile(plugin, 'plugin'));
    tools = { ...settings.tools, kustomizeBuildOptions: '--enable-helm' };
  });

  afterAll(async () => {
    await worker?.deps.git.dispose();
    await Promise.all([server?.stop(), connection?.close()]);
    await rm(cacheDir, { recursive: true, force: true, maxRetries: 5 });
  });

  it.each(Object.entries(fixtures))('%s: keeps the contract of its renderer', async (name, sources) => {
    const wanted = wantedOf(
      name,
      sources.map((source) => ({ ...source, repoURL: url })),
      heads,
    );
    const plugins = name === 'plugin' ? tools.plugins : defaultSettings.tools.plugins;
    rows.push(
      await expectContract(worker, { ...wanted, target: { ...wanted.target, tools: { ...tools, plugins } } }),
    );
  });

  it('have a fixture each', () => {
    expect(rows).toHaveLength(Object.keys(fixtures).length);
    expect(withoutFixture(renderers, rows)).toEqual([]);
  });
});
