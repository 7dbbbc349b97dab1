import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { filesOnDisk } from '../../../activities/render/files/source-files.ts';
import { type RenderTools, renderSource } from '../../../activities/render/render.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { failureOf } from '../../support/process/failure.ts';
import {
  namesOf,
  renderFromGit,
  renderSandbox,
  type SourceOptions,
} from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import {
  type Files,
  type GitServer,
  startGitServer,
  type TestRepository,
} from '../../support/servers/git-server.ts';

type RendererCase = {
  readonly sourceType: 'Directory' | 'Helm' | 'Kustomize';
  /** A source in folder `app` that renders ConfigMap/settings and Deployment/web. */
  readonly files: Files;
  readonly options?: SourceOptions;
  /** Changes that break the source, and the words that must name the place. */
  readonly broken: Files;
  readonly brokenWords: RegExp;
};

const settings = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  mode: "on"\n';
const web = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'nginx:1.27'}]}
`;
const brokenYaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n data: [oops\n';

async function treeOf(root: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    tree[path] = entry.isFile() ? await readFile(path, 'utf8') : '';
  }
  return tree;
}

/** What every renderer owes to whoever renders a source. */
function describeRenderer(renderer: RendererCase): void {
  describe(`the ${renderer.sourceType} renderer`, () => {
    let server: GitServer;
    let cacheDir = '';
    let git: Git;
    let tools: RenderTools;
    let repository: TestRepository;
    const options: SourceOptions = { path: 'app', ...renderer.options };

    beforeAll(async () => {
      tools = await renderTools();
      server = await startGitServer();
      cacheDir = await mkdtemp(join(tmpdir(), 'keelson-contract-'));
      git = createGit({ cacheDir });
      repository = await server.createRepository('demo', { ...renderer.files, 'README.md': 'root' });
    });

    afterAll(async () => {
      await git.dispose();
      await server.stop();
      await rm(cacheDir, { recursive: true, force: true });
    });

    it('renders the objects of a commit', async () => {
      const { manifests, sourceType, warnings } = await renderFromGit(git, tools, repository.url, options);
      expect(sourceType).toBe(renderer.sourceType);
      expect(namesOf(manifests).sort()).toEqual(['ConfigMap/settings', 'Deployment/web']);
      expect(warnings).toEqual([]);
    });

    it('keeps texts that look like other types', async () => {
      const { manifests } = await renderFromGit(git, tools, repository.url, options);
      expect(manifests.find(({ kind }) => kind === 'ConfigMap')?.['data']).toEqual({ mode: 'on' });
    });

    it('gives the same result many times at once and leaves the files as they were', async () => {
      const { sha } = await git.resolveRevision({ access: accessTo(repository.url) });
      const { path, release } = await git.checkout({ access: accessTo(repository.url), sha });
      const before = await treeOf(path);
      const results = await Promise.all(
        Array.from({ length: 4 }, () => renderFromGit(git, tools, repository.url, options)),
      );
      for (const result of results) expect(result).toEqual(results[0]);
      expect(await treeOf(path)).toEqual(before);
      await release();
    });

    it('renders a source at the root of the repository', async () => {
      const atRoot = Object.fromEntries(
        Object.entries(renderer.files).map(([path, content]) => [path.replace(/^app\//, ''), content]),
      );
      const one = await server.createRepository('at-root', atRoot);
      const { manifests } = await renderFromGit(git, tools, one.url, { ...options, path: '.' });
      expect(namesOf(manifests).sort()).toEqual(['ConfigMap/settings', 'Deployment/web']);
    });

    it('names repository and path when the path does not exist', async () => {
      const error = await failureOf(
        renderFromGit(git, tools, repository.url, { ...options, path: 'nowhere' }),
      );
      expect(error.code).toBe('render-failed');
      expect(error.message).toBe(
        `repository ${repository.url}, path nowhere: nowhere: app path does not exist; correct path or push the folder`,
      );
    });

    it('says so when the path is a file', async () => {
      const error = await failureOf(
        renderFromGit(git, tools, repository.url, { ...options, path: 'README.md' }),
      );
      expect(error.message).toContain('README.md: app path is not a directory');
    });

    it.each(['..', '../other', 'app/../../x', '/etc'])('refuses the path %s', async (path) => {
      const error = await failureOf(renderFromGit(git, tools, repository.url, { ...options, path }));
      expect(error.message).toContain('app path leads out of the repository');
    });

    it('says where the source is broken', async () => {
      await repository.branch('broken');
      await repository.commit(renderer.broken, 'break it', { branch: 'broken' });
      const error = await failureOf(
        renderFromGit(git, tools, repository.url, { ...options, targetRevision: 'broken' }),
      );
      expect(['manifest-invalid', 'render-failed']).toContain(error.code);
      expect(error.retryable).toBe(false);
      expect(error.message).toMatch(renderer.brokenWords);
      expect(error.message).toContain(`repository ${repository.url}, path app: `);
      expect(error.message).not.toMatch(/\/(tmp|var|root|home)\//);
    });

    it('takes no overrides of where it is read from', async () => {
      const elsewhere = 'repoURL: https://elsewhere/r\npath: nowhere\ntargetRevision: gone\nchart: nginx\n';
      await repository.branch('override');
      await repository.commit({ 'app/.argocd-source.yaml': elsewhere }, 'o', { branch: 'override' });
      const { manifests } = await renderFromGit(git, tools, repository.url, {
        ...options,
        targetRevision: 'override',
      });
      expect(namesOf(manifests)).toContain('Deployment/web');
    });

    it('shows no credentials of the address in a failure', async () => {
      const { sha } = await git.resolveRevision({ access: accessTo(repository.url) });
      const { path: root } = await git.checkout({ access: accessTo(repository.url), sha });
      const error = await failureOf(
        renderSource({
          files: filesOnDisk(root),
          source: { repoURL: 'https://bob:canary@host/r', path: 'nowhere' },
          application: { instanceName: 'a', name: 'a', namespace: 'n', project: 'p', revision: sha },
          tools,
          sandbox: renderSandbox,
        }),
      );
      expect(error.message).not.toContain('canary');
    });
  });
}

describe('activities/render', () => {
  describeRenderer({
    sourceType: 'Directory',
    files: { 'app/settings.yaml': settings, 'app/web.json': JSON.stringify(deployment()) },
    broken: { 'app/settings.yaml': brokenYaml },
    brokenWords: /app\/settings\.yaml:\d+: is not valid YAML/,
  });

  describeRenderer({
    sourceType: 'Helm',
    files: {
      'app/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
      'app/values.yaml': 'mode: "on"\n',
      'app/templates/settings.yaml': settings.replace('"on"', '{{ .Values.mode | quote }}'),
      'app/templates/web.yaml': web,
    },
    broken: { 'app/templates/settings.yaml': '{{ .Values.mode.deeper.still }}' },
    brokenWords: /templates\/settings\.yaml:1/,
  });

  describeRenderer({
    sourceType: 'Kustomize',
    files: {
      'app/kustomization.yaml': 'resources: [settings.yaml, web.yaml]\n',
      'app/settings.yaml': settings,
      'app/web.yaml': web,
    },
    broken: { 'app/settings.yaml': brokenYaml },
    brokenWords: /settings\.yaml/,
  });
});

function deployment() {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
      },
    },
  };
}
