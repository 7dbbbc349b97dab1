import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import type { RenderTools } from '../../../activities/render/render.ts';
import { whyUntrusted } from '../../../core/render-trust.ts';
import { namesOf, objectOf, renderFromGit, type SourceOptions } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type Files, type GitServer, startGitServer } from '../../support/servers/git-server.ts';

const chart: Files = {
  'app/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
  'app/values.yaml': 'color: red\nsize: small\n',
  'app/templates/c.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {color: "{{ .Values.color }}", size: "{{ .Values.size }}"}\n',
};

describe('activities/render/overrides', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let tools: RenderTools;
  let count = 0;

  beforeAll(async () => {
    tools = await renderTools();
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-overrides-'));
    git = createGit({ cacheDir });
  });

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  async function render(files: Files, source: SourceOptions = {}) {
    count += 1;
    const { url } = await server.createRepository(`overrides-${count}`, files);
    return await renderFromGit(git, tools, url, { path: 'app', ...source });
  }

  it('lays the file of all applications over the source, and that of this one over both', async () => {
    const { manifests } = await render(
      {
        ...chart,
        'app/.argocd-source.yaml': 'helm:\n  releaseName: all\n  valuesObject: { color: green }\n',
        'app/.argocd-source-team_demo.yaml': 'helm:\n  releaseName: one\n',
        'app/.argocd-source-demo.yaml': 'helm:\n  releaseName: nobody\n',
      },
      { helm: { valuesObject: { color: 'blue', size: 'large' } } },
    );
    expect(namesOf(manifests)).toEqual(['ConfigMap/one']);
    expect(objectOf(manifests, 'ConfigMap')['data']).toEqual({ color: 'green', size: 'large' });
  });

  it('reads each file to the end of its document, and warns of what stands behind it', async () => {
    const { manifests, warnings } = await render({
      ...chart,
      'app/templates/c.yaml': `${chart['app/templates/c.yaml']}...\nkind: {{ .Release.Name }}\n`,
      'app/values.yaml': 'color: red\nsize: small\n...\nsize: large\n',
      'app/.argocd-source.yaml': 'helm: {releaseName: all}\n---\nhelm: {releaseName: more}\n',
    });
    expect(namesOf(manifests)).toEqual(['ConfigMap/all']);
    expect(objectOf(manifests, 'ConfigMap')['data']).toEqual({ color: 'red', size: 'small' });
    expect(warnings).toEqual([
      expect.stringMatching(/^passed over, as kubectl does: \.argocd-source\.yaml:3 stands behind/),
      expect.stringMatching(/^passed over, as kubectl does: web\/templates\/c\.yaml stands behind/),
    ]);
    expect(whyUntrusted(warnings)).toMatch(/\.argocd-source\.yaml:3 .* and 1 more$/);
  });

  it('replaces lists, and removes with null', async () => {
    const { manifests } = await render(
      {
        ...chart,
        'app/.argocd-source.yaml':
          'helm:\n  releaseName: null\n  parameters: [{ name: size, value: "9", forceString: true }]\n',
      },
      { helm: { releaseName: 'gone', parameters: [{ name: 'color', value: 'blue' }] } },
    );
    expect(namesOf(manifests)).toEqual(['ConfigMap/demo']);
    expect(objectOf(manifests, 'ConfigMap')['data']).toEqual({ color: 'red', size: '9' });
  });

  it('chooses the tool, before it is chosen by the files', async () => {
    const plain = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n';
    const { sourceType, manifests } = await render({
      'app/kustomization.yaml': 'resources: [gone.yaml]\n',
      'app/plain.yaml': plain,
      'app/.argocd-source.yaml': 'directory: { recurse: true, include: plain.yaml }\n',
    });
    expect(sourceType).toBe('Directory');
    expect(namesOf(manifests)).toEqual(['ConfigMap/plain']);
  });

  it('goes on without an empty file, and without a folder of that name', async () => {
    const { manifests } = await render({
      ...chart,
      'app/.argocd-source.yaml': '# nothing yet\n',
      'app/.argocd-source-team_demo.yaml/x': '',
    });
    expect(namesOf(manifests)).toEqual(['ConfigMap/demo']);
  });

  it.each<[string, string, RegExp]>([
    ['broken YAML', 'helm: [', /\.argocd-source\.yaml:1: is not valid YAML/],
    ['a list', '- helm', /\.argocd-source\.yaml: is no map of fields/],
    [
      'a field of the wrong type',
      'helm: { valueFiles: one.yaml }',
      /source\.yaml: helm\.valueFiles: must be a list/,
    ],
    [
      'a second tool',
      'kustomize: { namePrefix: x }',
      /multiple application sources defined: kustomize, helm/,
    ],
  ])('refuses %s', async (_, text, message) => {
    const rendering = render({ ...chart, 'app/.argocd-source.yaml': text }, { helm: { releaseName: 'x' } });
    await expect(rendering).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });
});
