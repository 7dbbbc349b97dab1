import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderFailure } from '../../../activities/render/failure.ts';
import { renderers } from '../../../activities/render/renderers.ts';
import type { Rendered, Rendering } from '../../../activities/render/request.ts';
import { runTool } from '../../../activities/render/tool.ts';
import type { Renderers, ToolRenderer } from '../../../activities/render/tool-renderer.ts';
import { readPrintedManifests } from '../../../core/object/manifest/read-manifests.ts';
import { requestFiles } from '../../../core/render/file-requests.ts';
import type { Tool, Tools } from '../../../core/render/tool.ts';
import { tools } from '../../../core/render/tools.ts';
import { below } from '../../../core/render/tree.ts';
import type { DatabaseConnection } from '../../../db/client.ts';
import { configMap, yamlOf } from '../../support/keelson/applications.ts';
import { openTestDatabase } from '../../support/keelson/database.ts';
import type { Files } from '../../support/render/git-import.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import {
  objectsOf,
  type RenderWorker,
  render,
  startRenderWorker,
  type WantedSources,
  wantedOf,
} from '../../support/render/render-worker.ts';
import { expectContract, withoutFixture } from '../../support/render/renderer-contract.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

/** A toy: each line of the `.toy` files of a folder names a file of manifests, and `cat` prints them. */
const isToy = (name: string): boolean => name.endsWith('.toy');
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Step 2: the pure half. */
const toyTool: Tool = {
  recognise: { file: isToy },
  *inputs({ reader, folder }) {
    const files = reader.tree.names(folder).filter(isToy);
    const paths = files.flatMap((name) => {
      const found = reader.find(folder, name);
      return found.kind === 'file' ? [found.path] : [];
    });
    const contents = yield* requestFiles(paths);
    for (const text of contents.values()) for (const line of linesOf(text)) reader.find(folder, line);
  },
};

/** Step 3: the acting half. */
async function renderToy(rendering: Rendering): Promise<Rendered> {
  const { files, path, root, folder } = rendering;
  const names = (await files.list(path)).map(({ name }) => name).filter(isToy);
  const texts = await Promise.all(names.map((name) => files.read(below(path, name))));
  const named: string[] = [];
  for (const line of texts.flatMap(linesOf)) {
    const found = await files.find(path, line);
    if (found.kind !== 'file') throw renderFailure(rendering, `${line} does not exist; correct its name`);
    named.push(join(root, found.path));
  }
  const { stdout } = await runTool(rendering, {
    name: 'cat',
    path: '/bin/cat',
    args: named,
    cwd: folder,
    remedies: [],
  });
  return { manifests: readPrintedManifests(stdout, 'output of cat').manifests, warnings: [] };
}

const toyTools: Tools<'Toy'> = { ...tools, Toy: toyTool };
const toyRenderers = {
  ...renderers,
  Toy: { ...toyTools.Toy, render: async (folder) => await renderToy(await folder.onDisk()) },
} satisfies Renderers;

/** What a step of the guide has to name, in the order of the steps. */
const guide: readonly string[] = [
  'core/application/words.ts',
  'core/render/tools.ts',
  'activities/render/renderers.ts',
  'local/obtain/tools.ts',
  'test/integration/render/renderer-cells.test.ts',
];

const toyFiles: Files = {
  'app/main.toy': 'own.yaml\n../shared/lent.yaml\n',
  'app/own.yaml': `${yamlOf(configMap('own', { value: '1' }))}---\n`,
  'app/unnamed.yaml': yamlOf(configMap('unnamed', { value: '1' })),
  'shared/lent.yaml': yamlOf(configMap('lent', { value: '1' })),
  'plain/a.yaml': yamlOf(configMap('plain', { value: '1' })),
};

let server: GitServer;
let connection: DatabaseConnection;
let cacheDir = '';
let repository: TestRepository;
const workers: RenderWorker[] = [];

async function workerWith(table: Renderers): Promise<RenderWorker> {
  const worker = startRenderWorker(connection.db, await renderTools(), cacheDir, { renderers: table });
  workers.push(worker);
  return worker;
}

/** An application of one folder at the repository's newest commit, which changes these files. */
async function wantedAt(
  path: string,
  changed: Files = { README: String(Math.random()) },
): Promise<WantedSources> {
  const sha = await repository.commit(changed);
  return wantedOf(`toy-${path}`, [{ repoURL: repository.url, path }], new Map([[repository.url, sha]]));
}

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'keelson-toy-'));
  [server, connection] = await Promise.all([startGitServer(), openTestDatabase()]);
  repository = await server.createRepository('toys', toyFiles);
});

afterAll(async () => {
  for (const { deps } of workers) await deps.git.dispose();
  await Promise.all([server?.stop(), connection?.close()]);
  await rm(cacheDir, { recursive: true, force: true, maxRetries: 5 });
});

describe('the guide to a renderer', () => {
  it('has the steps that are followed here', async () => {
    const top = join(import.meta.dirname, '../../..');
    const text = await readFile(join(top, 'CONTRIBUTING.md'), 'utf8');
    const section = /## How to add a renderer\n(.*?)\n## /s.exec(text)?.[1] ?? '';
    expect(section).toContain('test/integration/render/add-renderer.test.ts');
    const steps = section.split(/^\d+\. /m).slice(1);
    expect(steps.map((step, at) => step.includes(`(${guide[at]})`))).toEqual(guide.map(() => true));
    expect(dirname(guide[1] ?? '')).toBe('core/render');
  });

  it('leads to a renderer that is recognised, keyed, run and cached as those of the release', async () => {
    const worker = await workerWith(toyRenderers);
    const row = await expectContract(worker, await wantedAt('app'));
    expect(row.sourceTypes).toEqual(['Toy']);
    const objects = await objectsOf(worker, row);
    expect(objects).toEqual([expect.stringContaining('"own"'), expect.stringContaining('"lent"')]);
    const unread = await render(
      worker,
      await wantedAt('app', { 'app/unnamed.yaml': '{}', 'plain/b.yaml': '' }),
    );
    expect(unread.id).toBe(row.id);
    const lent = yamlOf(configMap('lent', { value: '2' }));
    const changed = await render(worker, await wantedAt('app', { 'shared/lent.yaml': lent }));
    expect(changed.id).not.toBe(row.id);
    expect(await objectsOf(worker, changed)).toContainEqual(expect.stringContaining('"value":"2"'));
    expect(withoutFixture(toyRenderers, [row])).not.toContain('Toy');
  });

  it('has a folder rendered by it that gets a file of it, and by no other renderer before', async () => {
    const worker = await workerWith(toyRenderers);
    const before = await render(worker, await wantedAt('plain'));
    expect(before.sourceTypes).toEqual(['Directory']);
    const after = await expectContract(worker, await wantedAt('plain', { 'plain/one.toy': 'a.yaml\n' }));
    expect(after.sourceTypes).toEqual(['Toy']);
  });

  it('cannot do without the registration, nor without a word of what is recognised', async () => {
    const typesWith = async (table: Renderers): Promise<string[]> =>
      (await render(await workerWith(table), await wantedAt('app'), { hard: true })).sourceTypes;
    expect(await typesWith(renderers)).toEqual(['Directory']);
    expect(await typesWith({ ...toyRenderers, Toy: { ...toyRenderers.Toy, recognise: {} } })).toEqual([
      'Directory',
    ]);
    expect(await typesWith(toyRenderers)).toEqual(['Toy']);
  });

  it('cannot do without inputs: the contract tells files that the analysis has missed', async () => {
    const blind: ToolRenderer = {
      ...toyRenderers.Toy,
      *inputs({ reader, folder }) {
        yield* requestFiles([]);
        for (const name of reader.tree.names(folder)) if (isToy(name)) reader.find(folder, name);
      },
    };
    const worker = await workerWith({ ...toyRenderers, Toy: blind });
    const wanted = await wantedAt('app', {
      'app/own.yaml': `${yamlOf(configMap('own', { value: '3' }))}---\n`,
    });
    await expect(expectContract(worker, wanted)).rejects.toThrow('the inputs name all that the render reads');
  });

  it('cannot do without a fixture', async () => {
    const row = await render(
      await workerWith(toyRenderers),
      await wantedAt('plain', { 'plain/one.toy': null }),
    );
    expect(withoutFixture(toyRenderers, [row])).toContain('Toy');
  });

  it('cannot do without either half: that does not compile', () => {
    // @ts-expect-error the acting half is missing.
    const withoutRender: Renderers<'Toy'> = { ...renderers, Toy: toyTool };
    const render = toyRenderers.Toy.render;
    // @ts-expect-error the pure half is missing.
    const withoutInputs: Renderers<'Toy'> = { ...renderers, Toy: { render } };
    // @ts-expect-error a name has no entry.
    const withoutEntry: Tools<'Toy'> = tools;
    expect([withoutRender, withoutInputs, withoutEntry].map((table) => 'Toy' in table)).toEqual([
      true,
      true,
      false,
    ]);
  });
});
