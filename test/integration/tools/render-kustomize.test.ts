import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createGit, type Git } from '../../../activities/git/git.ts';
import type { RenderTools } from '../../../activities/render/render.ts';
import type { KustomizeSource } from '../../../core/application/source/source-spec.ts';
import { canonicalJson } from '../../../core/object/json/canonical.ts';
import { plainKustomize } from '../../support/render/plain-tools.ts';
import { renderTree, type TreeFiles } from '../../support/render/render-files.ts';
import { namesOf, objectOf, renderFromGit, renderSandbox } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import {
  type Files,
  type GitServer,
  startGitServer,
  type TestRepository,
} from '../../support/servers/git-server.ts';

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'nginx:1.27'}]}
`;

const component = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n';

describe('activities/render/kustomize', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let tools: RenderTools;
  let repository: TestRepository;
  let count = 0;

  beforeAll(async () => {
    tools = await renderTools();
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-kustomize-'));
    git = createGit({ cacheDir });
    repository = await server.createRepository('shop', {
      'base/kustomization.yaml': 'resources: [deployment.yaml]\n',
      'base/deployment.yaml': deployment,
      'overlays/one/kustomization.yaml':
        'namePrefix: one-\nresources: [../../base, extra.yaml]\nimages: [{name: nginx, newName: mirror/nginx}]\n',
      'overlays/one/extra.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\ndata: {country: "no"}\n',
      'components/labels/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonLabels: {component: "yes"}\n',
    });
  });

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  const render = (kustomize?: KustomizeSource) =>
    renderFromGit(
      git,
      tools,
      repository.url,
      kustomize === undefined ? { path: 'overlays/one' } : { path: 'overlays/one', kustomize },
    );

  async function renderFiles(files: Files, path = '.') {
    count += 1;
    const { url } = await server.createRepository(`kustomize-${count}`, files);
    return await renderFromGit(git, tools, url, { path });
  }

  async function rendered(files: TreeFiles, kustomize: KustomizeSource): Promise<string[]> {
    const { manifests } = await renderTree(files, { tools, sandbox: renderSandbox }, { kustomize });
    return manifests.map((one) => canonicalJson(one));
  }

  const app = (kustomization: string): TreeFiles => ({
    'app/kustomization.yaml': kustomization,
    'app/deployment.yaml': deployment,
    'audit/a/kustomization.yaml': `${component}namePrefix: audited-\n`,
    'audit/b/kustomization.yaml': `${component}nameSuffix: -logged\n`,
  });

  it.each<[string, string, KustomizeSource, string[][]]>([
    [
      'a kustomization with a key twice',
      'images: [{name: nginx, newTag: "1"}]\nimages: [{name: nginx, newTag: "2"}]\nresources: [deployment.yaml]\n',
      { namePrefix: 'a-' },
      [['set', 'nameprefix', 'a-']],
    ],
    [
      'a quoted text that goes on in the first column',
      'commonAnnotations:\n  note: "one\ntwo"\nresources: [deployment.yaml]\n',
      { commonLabels: { team: 'x' } },
      [['add', 'label', 'team:x']],
    ],
    [
      'a tag and a digest at once',
      'resources: [deployment.yaml]\n',
      { images: [`nginx:1.28@sha256:${'a'.repeat(64)}`] },
      [['set', 'image', `nginx:1.28@sha256:${'a'.repeat(64)}`]],
    ],
    [
      'an image that is in the old field',
      'imageTags: [{name: nginx, newTag: "old"}]\nresources: [deployment.yaml]\n',
      { images: ['nginx:1.28'] },
      [['set', 'image', 'nginx:1.28']],
    ],
    [
      'a component that is there already',
      'resources: [deployment.yaml]\ncomponents: [../audit/a]\n',
      { components: ['../audit/a'] },
      [['add', 'component', '../audit/a']],
    ],
    [
      'a pattern of components',
      'resources: [deployment.yaml]\n',
      { components: ['../audit/*'], ignoreMissingComponents: true },
      [['add', 'component', '../audit/*']],
    ],
    [
      'bases of the old field',
      'bases: [../other]\n',
      { nameSuffix: '-s', replicas: [{ name: 'web', count: 2 }] },
      [
        ['set', 'namesuffix', '--', '-s'],
        ['set', 'replicas', 'web=2'],
      ],
    ],
  ])('renders %s as edit and build do', async (_, kustomization, options, edits) => {
    const files = {
      ...app(kustomization),
      'other/kustomization.yaml': 'resources: [deployment.yaml]\n',
      'other/deployment.yaml': deployment,
    };
    const objects = await rendered(files, options);
    expect(objects.length).toBeGreaterThan(0);
    expect(objects).toEqual(await plainKustomize(tools, files, edits));
  });

  it('keeps values that the command line would change', async () => {
    const commonAnnotations = { list: 'a,b:c', quoted: '"yes"', empty: '', dollar: '$HOME' };
    const [object = ''] = await rendered(app('resources: [deployment.yaml]\n'), { commonAnnotations });
    expect(JSON.parse(object).metadata.annotations).toEqual(commonAnnotations);
  });

  it('appends patches with their options, also one that is there already', async () => {
    const args = '/spec/template/spec/containers/0/args';
    const target = { kind: 'Deployment' };
    const more = { target, patch: `- {op: add, path: ${args}/-, value: more}` };
    const kustomization = stringify({
      resources: ['deployment.yaml'],
      patches: [{ target, patch: `- {op: add, path: ${args}, value: [own]}` }],
    });
    const renaming = '{apiVersion: apps/v1, kind: Deployment, metadata: {name: other}}';
    const [object = ''] = await rendered(app(kustomization), {
      patches: [more, more, { patch: renaming, target: { name: 'web' }, options: { allowNameChange: true } }],
    });
    expect(JSON.parse(object)).toMatchObject({ metadata: { name: 'other' } });
    expect(JSON.parse(object).spec.template.spec.containers[0].args).toEqual(['own', 'more', 'more']);
  });

  it.each<[string, TreeFiles, KustomizeSource]>([
    ['options', { 'app/kustomization.yaml': 'resources: [deployment.yaml\n' }, { namePrefix: 'a-' }],
    ['patches', { 'app/kustomization.yaml': '- resources\n' }, { patches: [{ patch: '{}' }] }],
    ['no option', { 'app/kustomization.yaml': 'resources: [deployment.yaml\n' }, {}],
  ])('never takes a kustomization that nobody can read for empty: %s', async (_, files, options) => {
    await expect(rendered({ ...app(''), ...files }, options)).rejects.toThrow(/kustomize (edit|build)/);
  });

  it('edits a file of its own where the kustomization is a link', async () => {
    const files: TreeFiles = {
      ...app('resources: [deployment.yaml]\n'),
      'app/kustomization.yaml': { link: '../shared.yaml' },
      'shared.yaml': 'resources: [deployment.yaml]\n',
    };
    const objects = await rendered(files, { namePrefix: 'a-' });
    expect(objects).toHaveLength(1);
    expect(objects[0]).toContain('"name":"a-web"');
  });

  const imageOf = (manifests: Awaited<ReturnType<typeof render>>['manifests']) =>
    JSON.stringify(objectOf(manifests, 'Deployment')).match(/"image":"([^"]+)"/)?.[1];

  it('builds an overlay on a base', async () => {
    const { manifests } = await render();
    expect(namesOf(manifests).sort()).toEqual(['ConfigMap/one-extra', 'Deployment/one-web']);
    expect(imageOf(manifests)).toBe('mirror/nginx:1.27');
  });

  it('replaces prefix and image of the kustomization, with references to the base intact', async () => {
    const { manifests } = await render({
      namePrefix: 'two-',
      nameSuffix: '-x',
      namespace: 'there',
      images: ['nginx=own/nginx:$ARGOCD_APP_PROJECT_NAME'],
      replicas: [{ name: 'web', count: 4 }],
      commonLabels: { team: '$ARGOCD_APP_NAME' },
      commonAnnotations: { note: 'yes' },
      patches: [{ target: { kind: 'ConfigMap' }, patch: '- {op: add, path: /data/extra, value: "1"}' }],
      components: ['../../components/labels'],
    });
    expect(namesOf(manifests).sort()).toEqual(['ConfigMap/two-extra-x', 'Deployment/two-web-x']);
    expect(imageOf(manifests)).toBe('own/nginx:default');
    const web = objectOf(manifests, 'Deployment');
    expect(web.metadata).toMatchObject({
      namespace: 'there',
      labels: { team: 'team_demo', component: 'yes' },
      annotations: { note: 'yes' },
    });
    expect(web['spec']).toMatchObject({ replicas: 4, selector: { matchLabels: { team: 'team_demo' } } });
    expect(objectOf(manifests, 'ConfigMap')['data']).toEqual({ country: 'no', extra: '1' });
  });

  it('labels without touching selectors when asked', async () => {
    const { manifests } = await render({ commonLabels: { team: 'a' }, labelWithoutSelector: true });
    const web = objectOf(manifests, 'Deployment');
    expect(web.metadata.labels).toEqual({ team: 'a' });
    expect(web['spec']).toMatchObject({ selector: { matchLabels: { app: 'web' } } });
    expect(JSON.stringify(web['spec'])).not.toContain('team');
  });

  it('renders a root with options while subfolders are its bases', async () => {
    const one = await server.createRepository('rooted', {
      'kustomization.yaml': 'resources: [sub]\n',
      'sub/kustomization.yaml': 'resources: [deployment.yaml]\n',
      'sub/deployment.yaml': deployment,
    });
    const { manifests } = await renderFromGit(git, tools, one.url, {
      path: '.',
      kustomize: { namePrefix: 'r-' },
    });
    expect(namesOf(manifests)).toEqual(['Deployment/r-web']);
  });

  it('generates names with a content hash', async () => {
    const { manifests } = await renderFiles({
      'kustomization.yaml': 'configMapGenerator: [{name: settings, literals: [a=b]}]\n',
    });
    expect(objectOf(manifests, 'ConfigMap').metadata.name).toMatch(/^settings-[a-z0-9]{10}$/);
  });

  it.each<[KustomizeSource, RegExp]>([
    [{ version: 'v4.5.7' }, /kustomize version v4\.5\.7 is not registered/],
    [
      { images: ['nginx'] },
      /kustomize edit set image -- nginx failed: .*write kustomize\.images as name=new:tag/,
    ],
    [{ components: ['../../../outside'] }, /component \.\.\/\.\.\/\.\.\/outside leads out of the repository/],
    [
      { components: ['../../components/gone'] },
      /kustomize edit add component failed: .*gone.*set ignoreMissingComponents/,
    ],
    [{ replicas: [{ name: 'web', count: 'many' }] }, /'many' is not a count/],
    [
      { patches: [{ target: { kind: 'ConfigMap' }, patch: '- {op: remove, path: /nope}' }] },
      /kustomize build failed/,
    ],
  ])('refuses %j', async (kustomize, message) => {
    await expect(render(kustomize)).rejects.toThrow(message);
  });

  it('leaves out missing components when asked', async () => {
    const { manifests } = await render({
      components: ['../../components/gone'],
      ignoreMissingComponents: true,
    });
    expect(manifests).toHaveLength(2);
  });

  it.each<[string, Files, RegExp]>([
    [
      'a base outside the repository',
      { 'kustomization.yaml': 'resources: [../outside]\n' },
      /kustomization\.yaml: \.\.\/outside leads out of the repository/,
    ],
    [
      'a base of a base outside the repository',
      { 'kustomization.yaml': 'resources: [sub]\n', 'sub/kustomization.yml': 'bases: [../../x]\n' },
      /sub\/kustomization\.yml: \.\.\/\.\.\/x leads out of the repository/,
    ],
    [
      'a file outside the folder',
      {
        'app/kustomization.yaml': 'resources: [../secret.yaml]\n',
        'secret.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
      },
      /kustomize build failed: .*secret\.yaml.*is not in or below/,
    ],
    [
      'a missing file',
      { 'kustomization.yaml': 'resources: [gone.yaml]\n' },
      /kustomize build failed: .*gone\.yaml/,
    ],
    [
      'a chart',
      { 'kustomization.yaml': 'helmCharts: [{name: x, repo: "https://charts.invalid"}]\n' },
      /rendered with --enable-helm in kustomize\.buildOptions/,
    ],
  ])('refuses %s', async (name, files, message) => {
    const path = name === 'a file outside the folder' ? 'app' : '.';
    await expect(renderFiles(files, path)).rejects.toThrow(message);
    await expect(renderFiles(files, path)).rejects.not.toThrow(tmpdir());
  });

  it('starts no program that a generator names', async () => {
    const mark = join(cacheDir, 'started');
    const generator = `apiVersion: x/v1
kind: Generator
metadata:
  name: g
  annotations:
    config.kubernetes.io/function: |
      exec: {path: ./run.sh}
`;
    const rendering = renderFiles({
      'kustomization.yaml': 'generators: [g.yaml]\n',
      'g.yaml': generator,
      'run.sh': { executable: `#!/bin/sh\ntouch ${mark}\n` },
    });
    await expect(rendering).rejects.toThrow(/kustomize build failed/);
    expect(existsSync(mark)).toBe(false);
  });
});
