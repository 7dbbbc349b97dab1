import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../activities/git.ts';
import type { RenderTools } from '../../activities/render/render.ts';
import type { KustomizeSource } from '../../core/application/source-spec.ts';
import { type Files, type GitServer, startGitServer, type TestRepository } from '../support/git-server.ts';
import { namesOf, objectOf, renderFromGit } from '../support/render-source.ts';
import { renderTools, renderToolsTimeout } from '../support/render-tools.ts';

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
  }, renderToolsTimeout);

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
    [{ images: ['nginx'] }, /image 'nginx' is not valid/],
    [{ components: ['../../../outside'] }, /component \.\.\/\.\.\/\.\.\/outside leads out of the repository/],
    [{ components: ['../../components/gone'] }, /kustomize build failed: .*gone/],
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
