import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../../activities/git/git.ts';
import type { RenderRequest, RenderTools } from '../../../../activities/render/render.ts';
import { chartReader } from '../../../../activities/source/chart-source.ts';
import type { ApplicationSource } from '../../../../core/application/source/source-spec.ts';
import { defaultToolSettings } from '../../../../core/settings/words/tool-settings.ts';
import type { SandboxLimits } from '../../../../platform/sandbox/limits.ts';
import type { Sandbox } from '../../../../platform/sandbox/sandbox.ts';
import { type Followed, followEach, problemsOf } from '../../../support/hostile/remedies.ts';
import { type Fetching, openFetching } from '../../../support/render/fetching.ts';
import { renderTree, type TreeFiles, writeTree } from '../../../support/render/render-files.ts';
import { renderSandbox, renderTogether, type SourceOptions } from '../../../support/render/render-source.ts';
import { renderTools } from '../../../support/render/render-tools.ts';
import { type ChartServer, startChartServer } from '../../../support/servers/chart-server.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../../support/servers/git-server.ts';
import { runHelm } from '../../../support/servers/helm-charts.ts';

let tools: RenderTools;
let fetching: Fetching;
let charts: ChartServer;
let server: GitServer;
let git: Git;
let cacheDir = '';

beforeAll(async () => {
  tools = await renderTools();
  [fetching, charts, server] = await Promise.all([
    openFetching(),
    startChartServer({ helm: tools.helm }),
    startGitServer(),
  ]);
  cacheDir = await mkdtemp(join(tmpdir(), 'keelson-render-charts-'));
  git = createGit({ cacheDir });
  await charts.publish([
    { name: 'sub', version: '1.0.0' },
    { name: 'sub', version: '2.0.0' },
  ]);
});

afterAll(async () => {
  await git.dispose();
  await Promise.all([fetching.close(), charts.stop(), server.stop()]);
  await rm(cacheDir, { recursive: true, force: true });
});

type Input = readonly [files: () => TreeFiles, source?: SourceOptions, rest?: () => Partial<RenderRequest>];

const problemsOfRender = ([files, source, rest]: Input): Promise<string[]> =>
  problemsOf(() => renderTree(files(), { tools, sandbox: renderSandbox, ...rest?.() }, source));

const map = (name = 'a', text = ''): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "${text}"}\n`;
/** A chart that needs another one, from the registered repository or by its address. */
const needing =
  (dependency: () => string, more: TreeFiles = {}) =>
  (): TreeFiles => ({
    'app/Chart.yaml': `apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies: [{name: sub, version: 1.x, ${dependency()}}]\n`,
    'app/templates/a.yaml': map(),
    ...more,
  });
const byAddress = () => `repository: "${charts.url}"`;
const byName = () => 'repository: "@own"';
const withCharts = () => ({ remote: fetching.remote() });
const withNamed = () => ({ remote: fetching.remote([{ url: charts.url, name: 'own', credentials: {} }]) });
const local =
  (version: string, path = 'file://../sub', more: TreeFiles = {}) =>
  (): TreeFiles => ({
    'app/Chart.yaml': `apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies: [{name: sub, version: ${version}, repository: "${path}"}]\n`,
    'app/templates/a.yaml': map(),
    'sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
    ...more,
  });
const vendored: TreeFiles = { 'app/charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n' };

describe.concurrent('a chart that needs others', () => {
  const outside =
    'dependency sub: file://../../sub leads out of the repository; use a path inside it, relative to the chart';
  followEach<Input>(problemsOfRender, [
    [
      'charts is a symlink where dependencies go; replace it by a folder',
      [needing(byAddress, { 'app/charts': { link: '../other' }, 'other/_x': '' }), {}, withCharts],
      [needing(byAddress, { 'app/charts/_x': '' }), {}, withCharts],
    ],
    [
      'dependency sub: no Helm repository is registered with the name own; add it, or write its address',
      [needing(byName), {}, withCharts],
      [needing(byName), {}, withNamed],
    ],
    [
      'dependency sub: no Helm repository is registered with the name own; add it, or write its address',
      [needing(byName), {}, withCharts],
      [needing(byAddress), {}, withCharts],
    ],
    ...[needing(byAddress), needing(byAddress, { 'app/Chart.lock': 'dependencies: [~]\n', ...vendored })].map(
      (helped): Followed<Input> => [
        "Chart.lock can't be read; correct it, or commit charts/",
        [needing(byAddress, { 'app/Chart.lock': 'dependencies: [~]\n' }), {}, withCharts],
        [helped, {}, withCharts],
      ],
    ),
    [
      'the charts in the named folders have other versions; correct the version, and the lock if there is one',
      [local('2.x'), {}, withCharts],
      [local('1.x'), {}, withCharts],
    ],
    [outside, [local('1.x', 'file://../../sub'), {}, withCharts], [local('1.x'), {}, withCharts]],
    [
      'dependency sub: file://sub does not exist; use a path of the repository, relative to the chart',
      [local('1.x', 'file://sub'), {}, withCharts],
      [local('1.x'), {}, withCharts],
    ],
  ]);

  it('is locked anew with helm dependency update', async () => {
    const lock = 'dependencies: []\ndigest: sha256:0\ngenerated: "2024-01-01T00:00:00Z"\n';
    const said = await problemsOfRender([needing(byAddress, { 'app/Chart.lock': lock }), {}, withCharts]);
    expect(said.join()).toContain(
      'the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml); run `helm dependency update` and commit Chart.lock',
    );
    const root = await writeTree(needing(byAddress, { 'app/Chart.lock': lock })());
    await runHelm(tools.helm, ['dependency', 'update', '.'], join(root, 'app'));
    const renewed = await readFile(join(root, 'app/Chart.lock'), 'utf8');
    await rm(root, { recursive: true });
    expect(
      await problemsOfRender([needing(byAddress, { 'app/Chart.lock': renewed }), {}, withCharts]),
    ).toEqual([]);
  });
});

describe.concurrent('a kustomization with charts', () => {
  const enabled = { ...defaultToolSettings, kustomizeBuildOptions: '--enable-helm' };
  const kustomized =
    (text: () => string, more: TreeFiles = {}) =>
    (): TreeFiles => ({ 'app/kustomization.yaml': text(), ...more });
  const inflating =
    (more = '', name = 'sub') =>
    () =>
      `${more}helmCharts: [{name: "${name}", repo: "${charts.url}", version: 1.0.0, releaseName: r}]\n`;
  const reached = () => ({ settings: enabled, remote: fetching.remote() });
  const alone = () => ({ settings: enabled });
  const packed = {
    'app/charts/sub-1.0.0/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
    'app/charts/sub-1.0.0/sub/values.yaml': '',
    'app/charts/sub-1.0.0/sub/templates/a.yaml': map(),
  };
  followEach<Input>(problemsOfRender, [
    [
      'app: helmGlobals.chartHome ../out leads out of its folder; use one inside it',
      [kustomized(inflating('helmGlobals: {chartHome: ../out}\n')), {}, reached],
      [kustomized(inflating('helmGlobals: {chartHome: own}\n')), {}, reached],
    ],
    [
      'chart ../../../sub: its name is no name of a chart; correct it',
      [kustomized(inflating('', '../../../sub')), {}, reached],
      [kustomized(inflating()), {}, reached],
    ],
    [
      'charts: is a symlink where charts go; replace it by a folder',
      [kustomized(inflating(), { 'app/charts': { link: '../other' }, 'other/x': '' }), {}, reached],
      [kustomized(inflating(), { 'app/charts/x': '' }), {}, reached],
    ],
    [
      'chart sub: nothing may be fetched here; put it into the repository',
      [kustomized(inflating()), {}, alone],
      [kustomized(inflating(), packed), {}, alone],
    ],
    [
      'kustomize version v1 is not registered; set kustomize.path.v1 in argocd-cm, or ask for one that is (none)',
      [kustomized(() => 'resources: []\n'), { kustomize: { version: 'v1' } }],
      [
        kustomized(() => 'resources: []\n'),
        { kustomize: { version: 'v1' } },
        () => ({
          settings: {
            ...defaultToolSettings,
            kustomizeVersions: [{ name: 'v1', path: tools.kustomize, buildOptions: '' }],
          },
        }),
      ],
    ],
  ]);
});

/** The sandbox with lower limits. */
const held = (limits: Partial<SandboxLimits>): Sandbox => ({
  ...renderSandbox,
  run: (program, args, options) => renderSandbox.run(program, args, { ...options, limits }),
});

describe.concurrent('a source that is too large', () => {
  const maps = (count: number) => (): TreeFiles =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`app/${at}.yaml`, map(`m${at}`, 'x'.repeat(400))]),
    );
  const looping = (rounds: number) => (): TreeFiles => ({
    'app/a.jsonnet': `{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'a'}, data: {a: std.toString(std.foldl(function(sum, one) sum + one, std.range(1, ${rounds}), 0))}}`,
  });
  const doubling = (times: number): string =>
    `{{ $x := "abcdefgh" }}{{ range until ${times} }}{{ $x = print $x $x }}{{ end }}{{ len $x }}`;
  const chart = (template: string) => (): TreeFiles => ({
    'app/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
    'app/templates/a.yaml': `${map()}  b: "${template}"\n`.replace('data: {a: ""}\n', 'data:\n'),
  });
  followEach<Input>(problemsOfRender, [
    [
      'exceeded max combined manifest file size (2000 bytes); split the folder into several applications',
      [maps(9), {}, () => ({ limits: { maxDirectoryBytes: 2000 } })],
      [maps(2), {}, () => ({ limits: { maxDirectoryBytes: 2000 } })],
    ],
    [
      'helm template took longer than 1 s; make the source smaller or split it',
      [
        chart(
          '{{ range until 5000000 }}{{ end }}{{ range until 5000000 }}{{ sha256sum "a" | trunc 0 }}{{ end }}',
        ),
        {},
        () => ({ limits: { timeoutSeconds: 1 } }),
      ],
      [chart('{{ len (until 5) }}'), {}, () => ({ limits: { timeoutSeconds: 20 } })],
    ],
    [
      'helm template wrote more than 2000 bytes; split the source into several applications',
      [chart('{{ repeat 3000 "x" }}'), {}, () => ({ limits: { maxOutputBytes: 2000 } })],
      [chart('{{ repeat 300 "x" }}'), {}, () => ({ limits: { maxOutputBytes: 2000 } })],
    ],
    [
      'it needs more memory than a render gets; make the source smaller or split it',
      [chart(doubling(25)), {}, () => ({ sandbox: held({ memoryBytes: 300_000_000 }) })],
      [chart(doubling(5)), {}, () => ({ sandbox: held({ memoryBytes: 300_000_000 }) })],
    ],
    [
      'limit of processor time or because the machine ran out of memory; make the source smaller or split it',
      [looping(5_000_000), {}, () => ({ sandbox: held({ processorSeconds: 1 }) })],
      [looping(5), {}, () => ({ sandbox: held({ processorSeconds: 1 }) })],
    ],
  ]);
});

describe.concurrent('a Kustomize of the installation that is a script', () => {
  /** Renders by a script that works in a sandbox with lower limits. */
  const scripted = async (
    work: string,
    tree: TreeFiles,
    limits: Partial<SandboxLimits>,
  ): Promise<string[]> => {
    const path = join(await mkdtemp(join(cacheDir, 'script-')), 'kustomize');
    const printed = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}';
    await writeFile(path, `#!/bin/sh\n${work}\necho '${printed}'\n`, { mode: 0o755 });
    return await problemsOf(() =>
      renderTree(
        { 'app/kustomization.yaml': 'resources: []\n', ...tree },
        {
          ...{ tools, sandbox: held(limits) },
          settings: { ...defaultToolSettings, kustomizeVersions: [{ name: 'v1', path, buildOptions: '' }] },
        },
        { kustomize: { version: 'v1' } },
      ),
    );
  };

  it('starts few processes at once', async () => {
    const starting = (work: string) =>
      scripted(`for n in $(seq 60); do ${work} done; wait`, {}, { processes: 20 });
    const refused = (await starting('sleep 9 &')).join();
    expect(refused).toContain('kustomize build failed: ');
    expect(refused).toContain('and wanted more; let what it starts run one after the other');
    expect(await starting('sleep 0;')).toEqual([]);
  });

  it('keeps little in its scratch folder', async () => {
    const copying = (bytes: number) =>
      scripted(
        'cat a.txt > "$TMPDIR/copy"; sleep 1',
        { 'app/a.txt': 'x'.repeat(bytes) },
        { diskBytes: 2_000_000 },
      );
    expect((await copying(3_000_000)).join()).toContain(
      'kustomize build filled its scratch folder; make the source or what it fetches smaller',
    );
    expect(await copying(300_000)).toEqual([]);
  });
});

describe('sources that lend files to each other', () => {
  let chart: TestRepository;
  let values: TestRepository;

  beforeAll(async () => {
    chart = await server.createRepository('chart', {
      'app/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
      'app/templates/a.yaml': map(),
      'prod.yaml': 'a: 1\n',
    });
    values = await server.createRepository('values', { 'prod.yaml': 'a: 1\n' });
    await Promise.all([chart, values].map((one) => one.tag('v1')));
    await Promise.all([chart, values].map((one) => one.commit({ 'prod.yaml': 'a: 2\n' })));
  });

  type Sources = () => readonly ApplicationSource[];
  const main = (targetRevision: string, ...valueFiles: string[]): ApplicationSource => ({
    ...{ repoURL: chart.url, path: 'app', targetRevision },
    helm: { valueFiles },
  });
  const ref = (one: TestRepository, name: string, targetRevision: string): ApplicationSource => ({
    ...{ repoURL: one.url, ref: name, targetRevision },
  });
  const judge = (sources: Sources): Promise<string[]> =>
    problemsOf(() => renderTogether(git, tools, sources(), chartReader(fetching.charts)));
  const right: Sources = () => [main('main', '$values/prod.yaml'), ref(values, 'values', 'main')];
  followEach<Sources>(judge, [
    [
      '$old references "v1" while $values references "main"); give both the same targetRevision',
      () => [
        main('main', '$values/prod.yaml', '$old/prod.yaml'),
        ref(values, 'values', 'main'),
        ref(values, 'old', 'v1'),
      ],
      () => [
        main('main', '$values/prod.yaml', '$old/prod.yaml'),
        ref(values, 'values', 'main'),
        ref(values, 'old', 'main'),
      ],
    ],
    [
      'source referenced "$value", which is not one of the available sources ($values); set ref: value on the source that has the file, or correct the path',
      () => [main('main', '$value/prod.yaml'), ref(values, 'values', 'main')],
      right,
    ],
    [
      'set ref: values on the source that has the file, or correct the path',
      () => [main('main', '$values/prod.yaml'), main('main')],
      right,
    ],
    [
      "source has a 'chart' field defined, but Helm charts are not supported for 'ref' sources; take the file for $values from a Git repository",
      () => [
        main('main', '$values/prod.yaml'),
        { repoURL: charts.url, chart: 'sub', targetRevision: '1.0.0', ref: 'values' },
      ],
      right,
    ],
    [
      "value file $values: no file path after the ref name; add the file's path",
      () => [main('main', '$values'), ref(values, 'values', 'main')],
      right,
    ],
  ]);

  it('are at one commit where they are of one repository', async () => {
    const before = await git.resolveRevision({
      access: { url: chart.url, type: 'git', credentials: {}, knownHosts: '' },
      revision: 'v1',
    });
    const now = await git.resolveRevision({
      access: { url: chart.url, type: 'git', credentials: {}, knownHosts: '' },
      revision: 'main',
    });
    expect((await judge(() => [main('main', '$own/prod.yaml'), ref(chart, 'own', 'v1')])).join()).toContain(
      `cannot reference a different revision of the same repository ($own references "v1" which resolves to "${before.sha}" while the application references "main" which resolves to "${now.sha}"); give both sources the same targetRevision`,
    );
    expect(await judge(() => [main('main', '$own/prod.yaml'), ref(chart, 'own', 'main')])).toEqual([]);
  });
});
