import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import type { RenderTools } from '../../../activities/render/render.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { defaultToolSettings, type ToolSettings } from '../../../core/settings/words/tool-settings.ts';
import { type Fetching, openFetching } from '../../support/render/fetching.ts';
import { namesOf, renderFromGit, type SourceOptions } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type ChartServer, startChartServer } from '../../support/servers/chart-server.ts';
import { type Files, type GitServer, startGitServer } from '../../support/servers/git-server.ts';

const capabilities = `apiVersion: v1
kind: ConfigMap
metadata: {name: capabilities}
data:
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  widget: {{ .Capabilities.APIVersions.Has "example.com/v1/Widget" | quote }}
`;

describe('settings of Kustomize', () => {
  let tools: RenderTools;
  let server: ChartServer;
  let gitServer: GitServer;
  let git: Git;
  let fetching: Fetching;
  let dir = '';
  let count = 0;

  beforeAll(async () => {
    tools = await renderTools();
    dir = await mkdtemp(join(tmpdir(), 'keelson-kustomize-settings-'));
    fetching = await openFetching();
    gitServer = await startGitServer();
    git = createGit({ cacheDir: join(dir, 'git') });
    server = await startChartServer({ helm: tools.helm });
    server.requireAuth('reader', 'chart-password');
    await server.publish([
      { name: 'demo', version: '1.0.0', files: { 'templates/capabilities.yaml': capabilities } },
      { name: 'demo', version: '1.5.0' },
    ]);
  });

  afterAll(async () => {
    await Promise.all([server, gitServer].map((one) => one?.stop()));
    await git?.dispose();
    await fetching?.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function render(
    files: Files,
    settings: Partial<ToolSettings>,
    options: SourceOptions = { path: '.' },
  ) {
    count += 1;
    const repository = await gitServer.createRepository(`settings-${count}`, files);
    const credentials = { username: 'reader', password: 'chart-password' };
    const rendered = await renderFromGit(git, tools, repository.url, options, {
      settings: { ...defaultToolSettings, ...settings },
      remote: fetching.remote([{ url: server.url, credentials }]),
      kubeVersion: 'v1.29.3+k3s1',
      apiVersions: ['example.com/v1/Widget'],
    });
    return { ...rendered, repository };
  }

  const charted = (more = '') => `helmCharts:
  - {name: demo, repo: "${server.url}", version: 1.0.0, releaseName: one, valuesInline: {a: inline}}
${more}`;
  const enableHelm = { kustomizeBuildOptions: '--enable-helm' };

  it('fetches charts with the credentials of their repository, in bases too, and leaves the checkout as it is', async () => {
    const files = {
      'overlay/kustomization.yaml': 'resources: [../base, ../plain]\nnamePrefix: o-\n',
      'base/kustomization.yaml': charted(),
      'plain/kustomization.yaml': 'resources: [a.yaml]\n',
      'plain/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
    };
    const options = { path: 'overlay', kustomize: { nameSuffix: '-s', version: '' } };
    const { manifests, repository } = await render(files, enableHelm, options);
    expect(namesOf(manifests).sort()).toEqual([
      'ConfigMap/o-a-s',
      'ConfigMap/o-capabilities-s',
      'ConfigMap/o-one-demo-s',
    ]);
    expect(manifests.find(({ metadata }) => metadata.name === 'o-one-demo-s')).toMatchObject({
      data: { a: 'inline' },
    });
    const access = accessTo(repository.url);
    const { sha } = await git.resolveRevision({ access });
    const again = await git.checkout({ access, sha });
    expect(await readdir(join(again.path, 'base'))).toEqual(['kustomization.yaml']);
    await again.release();
  });

  it('tells charts the versions of the cluster, unless the source has its own', async () => {
    const files = { 'kustomization.yaml': charted() };
    const data = async (options: SourceOptions) =>
      (await render(files, enableHelm, options)).manifests.find(
        ({ metadata }) => metadata.name === 'capabilities',
      );
    expect(await data({ path: '.' })).toMatchObject({ data: { kube: 'v1.29.3', widget: 'true' } });
    const kustomize = { kubeVersion: '1.27.0', apiVersions: ['other/v1'] };
    expect(await data({ path: '.', kustomize })).toMatchObject({
      data: { kube: 'v1.27.0', widget: 'false' },
    });
  });

  it('takes the newest chart where no version is written, and a chart that is in the repository', async () => {
    const { manifests } = await render(
      {
        'kustomization.yaml': `helmGlobals: {chartHome: vendored}
helmCharts:
  - {name: demo, repo: "${server.url}", releaseName: newest}
  - {name: own, releaseName: own}
`,
        'vendored/own/Chart.yaml': 'apiVersion: v2\nname: own\nversion: 0.1.0\n',
        'vendored/own/values.yaml': '{}',
        'vendored/own/templates/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n',
      },
      enableHelm,
    );
    expect(namesOf(manifests)).toEqual(['ConfigMap/newest-demo', 'ConfigMap/own']);
    expect(manifests[0]).toMatchObject({ data: { version: '1.5.0' } });
  });

  it.each<[string, string, RegExp]>([
    [
      'a home outside its folder',
      'helmGlobals: {chartHome: ../../x}\n',
      /chartHome \.\.\/\.\.\/x leads out of its folder/,
    ],
    [
      'a chart that is not there',
      '  - {name: gone, repo: "SERVER", version: 1.0.0}\n',
      /chart gone: .*chart gone is not in its index/,
    ],
    [
      'a name that is a path',
      '  - {name: ../../../x, repo: "SERVER", version: 1.0.0}\n',
      /is no name of a chart/,
    ],
  ])('refuses %s', async (_, more, words) => {
    const files = { 'kustomization.yaml': charted(more.replace('SERVER', server.url)) };
    await expect(render(files, enableHelm)).rejects.toThrow(words);
  });

  it('says how charts inside kustomizations are allowed', async () => {
    await expect(render({ 'kustomization.yaml': charted() }, {})).rejects.toThrow(
      /rendered with --enable-helm in kustomize\.buildOptions/,
    );
  });

  it('passes build options on', async () => {
    const files = {
      'app/kustomization.yaml': 'resources: [../shared.yaml]\n',
      'shared.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\n',
    };
    await expect(render(files, {}, { path: 'app' })).rejects.toThrow(/is not in or below/);
    const { manifests } = await render(
      files,
      { kustomizeBuildOptions: '--load-restrictor LoadRestrictionsNone' },
      { path: 'app' },
    );
    expect(namesOf(manifests)).toEqual(['ConfigMap/shared']);
  });

  it('builds with the version that a source asks for, and its own options', async () => {
    const program = join(dir, 'kustomize-4');
    await writeFile(
      program,
      '#!/bin/sh\nprintf "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: four}\\ndata: {args: \\"%s %s\\"}\\n" "$1" "$3"\n',
    );
    await chmod(program, 0o755);
    const settings = {
      kustomizeBuildOptions: '--enable-helm',
      kustomizeVersions: [{ name: 'v4.5.7', path: program, buildOptions: '--as-four' }],
    };
    const files = { 'kustomization.yaml': 'resources: []\n' };
    const { manifests } = await render(files, settings, { path: '.', kustomize: { version: 'v4.5.7' } });
    expect(manifests).toMatchObject([{ metadata: { name: 'four' }, data: { args: 'build --as-four' } }]);
    await expect(render(files, settings, { path: '.', kustomize: { version: 'v3' } })).rejects.toThrow(
      /kustomize version v3 is not registered; set kustomize\.path\.v3 in argocd-cm, or ask for one that is \(v4\.5\.7\)/,
    );
  });

  it('reads a kustomization as a plain directory where Kustomize is switched off', async () => {
    const files = {
      'kustomization.yaml': 'namePrefix: x-\n',
      'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
    };
    const enabled = { helm: true, kustomize: false, jsonnet: true };
    const { sourceType, manifests } = await render(
      files,
      { enabled },
      { path: '.', directory: { exclude: 'kust*' } },
    );
    expect(sourceType).toBe('Directory');
    expect(namesOf(manifests)).toEqual(['ConfigMap/a']);
  });
});
