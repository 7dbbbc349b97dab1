import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { RenderTools } from '../../../activities/render/render.ts';
import { canonicalJson } from '../../../core/object/json/canonical.ts';
import { type Fetching, openFetching } from '../../support/render/fetching.ts';
import { plainHelm } from '../../support/render/plain-tools.ts';
import { renderTree, type TreeFiles } from '../../support/render/render-files.ts';
import { renderSandbox } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type ChartServer, startChartServer } from '../../support/servers/chart-server.ts';
import { packChart, runHelm, tellingTemplate } from '../../support/servers/helm-charts.ts';

/** Files of a chart that tells its name, version and a value. */
function chart(folder: string, name: string, more: object = {}, version = '0.1.0'): TreeFiles {
  return {
    [`${folder}/Chart.yaml`]: stringify({ apiVersion: 'v2', name, version, ...more }),
    [`${folder}/values.yaml`]: 'a: chart\n',
    [`${folder}/templates/telling.yaml`]: tellingTemplate,
  };
}

const files = `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Chart.Name }}-files}
data: {text: {{ .Files.Get "text.txt" | quote }}, notes: {{ .Files.Get "notes.txt" | quote }}}
`;
const broken = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: disabled}\n';

describe('dependencies of charts', () => {
  let tools: RenderTools;
  let server: ChartServer;
  let fetching: Fetching;
  let dir = '';

  beforeAll(async () => {
    tools = await renderTools();
    dir = await mkdtemp(join(tmpdir(), 'keelson-dependencies-'));
    fetching = await openFetching();
    server = await startChartServer({ helm: tools.helm });
    await server.publish([
      { name: 'demo', version: '1.0.0' },
      { name: 'demo', version: '1.2.0' },
      {
        name: 'ignoring',
        version: '1.0.0',
        files: {
          '.helmignore': '*.orig\nnotes.txt\n',
          'templates/files.yaml': files,
          'templates/disabled.yaml.orig': broken,
          'text.txt': 'kept',
          'notes.txt': 'left out',
        },
      },
    ]);
  });

  afterAll(async () => {
    await server?.stop();
    await fetching?.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function rendered(tree: TreeFiles): Promise<string[]> {
    const { manifests } = await renderTree(
      tree,
      { tools, sandbox: renderSandbox, remote: fetching.remote([]) },
      { helm: { namespace: 'target' } },
    );
    return manifests.map((one) => canonicalJson(one));
  }

  const remote = (name: string, more: object = {}) => ({
    name,
    version: '1.x',
    repository: server.url,
    ...more,
  });
  const local = (name: string, path: string, more: object = {}) => ({
    ...{ name, version: '>=0', repository: `file://${path}` },
    ...more,
  });

  const cases: Readonly<Record<string, () => TreeFiles | Promise<TreeFiles>>> = {
    'one with ignored files, under a parent that ignores others': () => ({
      ...chart('app', 'app', { dependencies: [remote('ignoring')] }),
      'app/.helmignore': 'text.txt\n',
    }),
    'a folder with ignored files': () => ({
      ...chart('app', 'app', { dependencies: [local('beside', '../beside')] }),
      ...chart('beside', 'beside'),
      'beside/.helmignore': '*.orig\nnotes.txt\n',
      'beside/templates/files.yaml': files,
      'beside/templates/disabled.yaml.orig': broken,
      'beside/text.txt': 'kept',
      'beside/notes.txt': 'left out',
    }),
    'a folder with a relative link in it': () => ({
      ...chart('app', 'app', { dependencies: [local('beside', '../libs/beside')] }),
      ...chart('libs/beside', 'beside'),
      'libs/beside/templates/files.yaml': files,
      'libs/beside/text.txt': { link: '../shared/text.txt' },
      'libs/shared/text.txt': 'shared',
    }),
    'one under several names': () => ({
      ...chart('app', 'app', {
        dependencies: [remote('demo', { alias: 'one' }), remote('demo', { alias: 'two' })],
      }),
      'app/values.yaml': 'one: {a: first}\ntwo: {a: second}\n',
    }),
    'a folder under several names': () => ({
      ...chart('app', 'app', {
        dependencies: [
          local('beside', '../beside', { alias: 'one' }),
          local('beside', '../beside', { alias: 'two' }),
        ],
      }),
      ...chart('beside', 'beside'),
      'app/values.yaml': 'one: {a: first}\ntwo: {a: second}\n',
    }),
    'two folders with charts of one name': () => ({
      ...chart('app', 'app', {
        dependencies: [
          local('lib', '../old', { version: '0.1.0', alias: 'old' }),
          local('lib', '../new', { version: '0.2.0', alias: 'new' }),
        ],
      }),
      ...chart('old', 'lib'),
      ...chart('new', 'lib', {}, '0.2.0'),
    }),
    'a chart of the first version with dependencies in Chart.yaml': () =>
      chart('app', 'app', { apiVersion: 'v1', dependencies: [remote('demo')] }),
    'a chart of the second version with requirements.yaml': () => ({
      ...chart('app', 'app'),
      'app/requirements.yaml': stringify({ dependencies: [remote('demo', { version: '1.0.0' })] }),
    }),
    'both forms at once': () => ({
      ...chart('app', 'app', { dependencies: [remote('demo', { alias: 'kept' })] }),
      'app/requirements.yaml': stringify({ dependencies: [remote('demo', { version: '1.0.0' })] }),
    }),
    'one that is missing beside an old archive and one that is not asked for any more': async () => ({
      ...chart('app', 'app', { dependencies: [remote('demo', { version: '1.2.0' }), remote('ignoring')] }),
      'app/charts/demo-1.0.0.tgz': await packed('demo', '1.0.0'),
      'app/charts/former-1.0.0.tgz': await packed('former', '1.0.0'),
    }),
    'a folder that is in charts/ already': () => ({
      ...chart('app', 'app', { dependencies: [{ name: 'own', version: '0.1.0' }, remote('demo')] }),
      ...chart('app/charts/own', 'own'),
    }),
    'a condition, a tag and imported values': () => ({
      ...chart('app', 'app', {
        dependencies: [
          remote('demo', { condition: 'demo.enabled', alias: 'off' }),
          remote('demo', { tags: ['web'], alias: 'web', 'import-values': [{ child: 'a', parent: 'b' }] }),
        ],
      }),
      'app/values.yaml': 'demo: {enabled: false}\ntags: {web: true}\na: own\n',
    }),
  };

  async function packed(name: string, version: string): Promise<Uint8Array> {
    return await readFile(await packChart(tools.helm, dir, { name, version }));
  }

  it.each(Object.keys(cases))('renders as Helm does: %s', async (name) => {
    const tree = (await cases[name]?.()) ?? {};
    const [ours, plain] = await Promise.all([rendered(tree), plainHelm(tools, tree)]);
    expect(ours.length).toBeGreaterThan(0);
    expect([...ours].sort()).toEqual([...plain].sort());
  });

  it.each([
    ['v1', 'requirements'],
    ['v2', 'Chart'],
  ])(
    'takes a lock of a chart of %s, and refuses one that does not fit or cannot be read',
    async (version, file) => {
      const lockName = `app/${file}.lock`;
      const needing = (asked: string): TreeFiles => {
        const dependencies = [remote('demo', { version: asked })];
        return version === 'v2'
          ? chart('app', 'app', { dependencies })
          : {
              ...chart('app', 'app', { apiVersion: 'v1' }),
              'app/requirements.yaml': stringify({ dependencies }),
            };
      };
      const work = await mkdtemp(join(dir, 'lock-'));
      for (const [path, content] of Object.entries(needing('<1.1.0'))) {
        if (!path.includes('templates')) await writeFile(join(work, path.slice(4)), String(content));
      }
      await runHelm(tools.helm, ['dependency', 'update', work], work);
      const lock = await readFile(join(work, lockName.slice(4)), 'utf8');
      expect((await rendered({ ...needing('<1.1.0'), [lockName]: lock })).join()).toContain(
        '"version":"1.0.0"',
      );
      const stale = rendered({ ...needing('>=1.1.0'), [lockName]: lock });
      await expect(stale).rejects.toThrow(`the lock file (${file}.lock) is out of sync`);
      const unreadable = rendered({ ...needing('<1.1.0'), [lockName]: 'dependencies: [' });
      await expect(unreadable).rejects.toThrow(new RegExp(`${file}\\.lock`));
    },
  );

  it('says which folder has another version', async () => {
    const tree = {
      ...chart('app', 'app', { dependencies: [local('beside', '../beside', { version: '2.x' })] }),
      ...chart('beside', 'beside'),
    };
    await expect(rendered(tree)).rejects.toThrow(
      /helm dependency build failed: .*can't get a valid version.*beside.*correct the version/i,
    );
  });
});
