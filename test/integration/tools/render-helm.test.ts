import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import type { RenderRequest, RenderTools } from '../../../activities/render/render.ts';
import type { HelmSource } from '../../../core/application/source/source-spec.ts';
import { namesOf, objectOf, renderFromGit } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

const config = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  a: {{ .Values.a | toString | quote }}
  list: {{ .Values.list | toJson | quote }}
  kind: {{ kindOf .Values.a }}
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  has: {{ .Capabilities.APIVersions.Has "example.com/v1/Widget" | quote }}
  text: {{ .Values.text | quote }}
`;

describe('activities/render/helm', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let tools: RenderTools;
  let repository: TestRepository;

  beforeAll(async () => {
    tools = await renderTools();
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-helm-'));
    git = createGit({ cacheDir });
    repository = await server.createRepository('chart', {
      'chart/Chart.yaml': 'apiVersion: v2\nname: demo\nversion: 0.1.0\n',
      'chart/values.yaml': 'a: chart\nlist: []\ntext: ""\n',
      'chart/first.yaml': 'a: first\n',
      'chart/second.yaml': 'a: second\n',
      'chart/notes.txt': 'one, two',
      'shared/values.yaml': 'a: shared\n',
      'chart/crds/widget.yaml':
        'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\n',
      'chart/templates/config.yaml': config,
      'chart/templates/tests/test.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata:\n  name: test\n  annotations: {helm.sh/hook: test}\n',
    });
  });

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  const render = (helm?: HelmSource, rest: Partial<RenderRequest> = {}) =>
    renderFromGit(
      git,
      tools,
      repository.url,
      helm === undefined ? { path: 'chart' } : { path: 'chart', helm },
      rest,
    );

  async function renderedValue(helm: HelmSource, key = 'a'): Promise<unknown> {
    const map = objectOf((await render(helm)).manifests, 'ConfigMap');
    return Object.entries(map['data'] ?? {}).find(([name]) => name === key)?.[1];
  }

  it('names the release after the application and uses its namespace', async () => {
    const { manifests } = await render();
    expect(objectOf(manifests, 'ConfigMap').metadata).toMatchObject({ name: 'demo', namespace: 'target' });
  });

  it('takes release name and namespace from the source', async () => {
    const { manifests } = await render({ releaseName: 'other', namespace: 'elsewhere' });
    expect(objectOf(manifests, 'ConfigMap').metadata).toMatchObject({
      name: 'other',
      namespace: 'elsewhere',
    });
  });

  it.each<[string, HelmSource, string]>([
    ['the chart', {}, 'chart'],
    ['the last value file', { valueFiles: ['first.yaml', 'second.yaml'] }, 'second'],
    [
      'a value file that is listed again',
      { valueFiles: ['first.yaml', 'second.yaml', 'first.yaml'] },
      'first',
    ],
    ['a value file from the root', { valueFiles: ['/shared/values.yaml'] }, 'shared'],
    ['a value file beside the chart', { valueFiles: ['../shared/values.yaml'] }, 'shared'],
    ['inline values over files', { valueFiles: ['first.yaml'], values: 'a: inline' }, 'inline'],
    [
      'a values object instead of inline values',
      { values: 'a: inline', valuesObject: { a: 'object' } },
      'object',
    ],
    [
      'a parameter over all',
      { valuesObject: { a: 'object' }, parameters: [{ name: 'a', value: 'set' }] },
      'set',
    ],
    [
      'the last of equal parameters',
      {
        parameters: [
          { name: 'a', value: '1' },
          { name: 'a', value: '2' },
        ],
      },
      '2',
    ],
    ['a build variable', { parameters: [{ name: 'a', value: '$ARGOCD_APP_NAME-x' }] }, 'team_demo-x'],
    ['a parameter with a comma', { parameters: [{ name: 'a', value: 'x,y' }] }, 'x,y'],
    [
      'a missing file left out',
      { valueFiles: ['first.yaml', 'gone.yaml'], ignoreMissingValueFiles: true },
      'first',
    ],
  ])('takes values from %s', async (_, helm, expected) => {
    expect(await renderedValue(helm)).toBe(expected);
  });

  it('passes numbers as numbers unless forced to text', async () => {
    const parameter = { name: 'a', value: '5' };
    expect(await renderedValue({ parameters: [parameter] }, 'kind')).toBe('int64');
    expect(await renderedValue({ parameters: [{ ...parameter, forceString: true }] }, 'kind')).toBe('string');
  });

  it('passes a list in braces as a list', async () => {
    expect(await renderedValue({ parameters: [{ name: 'list', value: '{x,y}' }] }, 'list')).toBe('["x","y"]');
  });

  it('reads a parameter from a file', async () => {
    expect(await renderedValue({ fileParameters: [{ name: 'text', path: 'notes.txt' }] }, 'text')).toBe(
      'one, two',
    );
  });

  it('tells the chart the version and kinds of the destination cluster', async () => {
    const rest = { kubeVersion: 'v1.29.4-gke.1043', apiVersions: ['v1', 'example.com/v1/Widget'] };
    const { manifests } = await render(undefined, rest);
    expect(objectOf(manifests, 'ConfigMap')['data']).toMatchObject({ kube: 'v1.29.4', has: 'true' });
    const own = await render({ kubeVersion: '1.27.1', apiVersions: [] }, rest);
    expect(objectOf(own.manifests, 'ConfigMap')['data']).toMatchObject({ kube: 'v1.27.1', has: 'false' });
  });

  it('includes resource definitions and tests unless told not to', async () => {
    expect(namesOf((await render()).manifests).sort()).toEqual([
      'ConfigMap/demo',
      'CustomResourceDefinition/widgets.example.com',
      'Pod/test',
    ]);
    expect(namesOf((await render({ skipCrds: true, skipTests: true })).manifests)).toEqual([
      'ConfigMap/demo',
    ]);
  });

  it.each<[HelmSource, RegExp]>([
    [
      { valueFiles: ['gone.yaml'] },
      /value file gone\.yaml does not exist; correct the path or set ignoreMissing/,
    ],
    [
      { valueFiles: ['../../outside.yaml'] },
      /value file \.\.\/\.\.\/outside\.yaml leads out of the repository/,
    ],
    [
      { valueFiles: ['$values/x.yaml'] },
      /does not exist.*only an application with spec\.sources can take files/,
    ],
    [{ valueFiles: ['s3://host/v.yaml'] }, /the URL scheme 's3' is not allowed/],
    [{ fileParameters: [{ name: 'text', path: '/../x' }] }, /file of parameter text \/\.\.\/x leads out/],
    [{ values: 'a: [' }, /helm template failed: .*inline-values\.yaml/],
    [{ releaseName: 'Not Valid' }, /set helm\.releaseName to at most 53/],
  ])('refuses %j', async (helm, message) => {
    await expect(render(helm)).rejects.toMatchObject({
      code: 'render-failed',
      message: expect.stringMatching(message),
    });
    await expect(render(helm)).rejects.not.toThrow(tmpdir());
  });

  it('says what to do about a dependency that is not there', async () => {
    const { url } = await server.createRepository('dependent', {
      'Chart.yaml':
        'apiVersion: v2\nname: d\nversion: 0.1.0\ndependencies: [{name: redis, version: 1.0.0, repository: "https://charts.invalid"}]\n',
    });
    await expect(renderFromGit(git, tools, url, { path: '.' })).rejects.toThrow(
      /missing in charts\/? directory: redis.*commit charts\//,
    );
  });

  it('names the template whose output is no object', async () => {
    const { url } = await server.createRepository('bad-output', {
      'Chart.yaml': 'apiVersion: v2\nname: d\nversion: 0.1.0\n',
      'templates/a.yaml': 'apiVersion: v1\nkind: ConfigMap\n',
    });
    await expect(renderFromGit(git, tools, url, { path: '.' })).rejects.toThrow(
      /d\/templates\/a\.yaml: .*has no metadata/,
    );
  });

  it('gives the tool no variable of the worker and a home of its own', async () => {
    const spy = join(cacheDir, 'spy');
    const print = 'kind: ConfigMap\\napiVersion: v1\\nmetadata: {name: env}\\ndata: {names: "%s"}\\n';
    await writeFile(spy, `#!/bin/sh\nprintf '${print}' "$(env | cut -d= -f1 | tr '\\n' ' ')"\n`, {
      mode: 0o755,
    });
    const { manifests } = await renderFromGit(git, { ...tools, helm: spy }, repository.url, {
      path: 'chart',
    });
    const { names } = objectOf(manifests, 'ConfigMap')['data'] as { names: string };
    const seen = names.split(' ');
    expect(seen).toContain('HELM_CACHE_HOME');
    for (const name of Object.keys(process.env)) {
      if (!['PATH', 'HOME', 'PWD', 'OLDPWD', 'SHLVL', '_', 'TMPDIR', 'LC_ALL'].includes(name)) {
        expect(seen).not.toContain(name);
      }
    }
  });

  it('ends a tool that takes too long, and one whose caller gave up', async () => {
    const slow = join(cacheDir, 'slow');
    await writeFile(slow, '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
    const late = renderFromGit(
      git,
      { ...tools, helm: slow },
      repository.url,
      { path: 'chart' },
      {
        limits: { timeoutSeconds: 0.2 },
      },
    );
    await expect(late).rejects.toMatchObject({ code: 'timeout', retryable: true });
    const stopped = renderFromGit(
      git,
      { ...tools, helm: slow },
      repository.url,
      { path: 'chart' },
      {
        signal: AbortSignal.timeout(200),
      },
    );
    await expect(stopped).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('says which program is missing', async () => {
    const rendering = renderFromGit(git, { ...tools, helm: '/nowhere/helm' }, repository.url, {
      path: 'chart',
    });
    await expect(rendering).rejects.toMatchObject({ code: 'tool-missing' });
  });
});
