import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { createPlugins } from '../../../activities/plugin/plugins.ts';
import type { RenderRequest, RenderTools } from '../../../activities/render/render.ts';
import { sourcesOf } from '../../../core/application/source/source.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import { readApplication } from '../../../core/application/spec/read-application.ts';
import { readSettingsFile } from '../../../core/settings/words/config-maps.ts';
import { readSettings } from '../../../core/settings/words/read-settings.ts';
import { namesOf, renderFromGit, renderSandbox, renderTogether } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

const examples = join(import.meta.dirname, '../../../examples');

async function exampleFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(examples, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(examples, path)] = await readFile(path, 'utf8');
  }
  return files;
}

async function sourcesIn(folder: string): Promise<readonly ApplicationSource[]> {
  const text = await readFile(join(examples, folder, 'application.yaml'), 'utf8');
  const { value, issues } = readApplication(parse(text));
  expect(issues).toBeUndefined();
  return value === undefined ? [] : sourcesOf(value.spec);
}

/** The plugins of an example's ConfigMap, where it has one. */
async function pluginsIn(folder: string, cacheDir: string): Promise<Partial<RenderRequest>> {
  if (folder !== 'plugin') return {};
  const text = await readFile(join(examples, folder, 'configmap.yaml'), 'utf8');
  const { settings, problems } = readSettings(readSettingsFile(text, folder));
  expect(problems).toEqual([]);
  const plugins = createPlugins({ sandbox: renderSandbox, socketDir: undefined, cacheDir, offered: {} });
  return { plugins, settings: settings.tools };
}

const rendered: Record<string, string[]> = {
  guestbook: ['ConfigMap/guestbook', 'Deployment/guestbook', 'Service/guestbook'],
  waves: [
    'Job/migrate',
    'ConfigMap/shop-settings',
    'Deployment/store',
    'Service/store',
    'Deployment/shop',
    'Service/shop',
    'Job/smoke-test',
  ],
  'helm-guestbook': ['ConfigMap/demo-guestbook', 'Service/demo-guestbook', 'Deployment/demo-guestbook'],
  'kustomize-guestbook': [
    expect.stringMatching(/^ConfigMap\/production-guestbook-\w+$/),
    'Service/production-guestbook',
    'Deployment/production-guestbook',
  ],
  'kustomize-components': [
    expect.stringMatching(/^ConfigMap\/prod-shop-\w+$/),
    'Service/prod-shop-metrics',
    'Deployment/prod-shop',
  ],
  'directory-recurse': ['ConfigMap/greeter', 'Service/greeter', 'Deployment/greeter'],
  'jsonnet-guestbook': ['ConfigMap/team_demo', 'Deployment/team_demo', 'Service/team_demo'],
  'multi-source': ['ConfigMap/demo', 'Deployment/demo', 'PodDisruptionBudget/multi-source'],
  plugin: ['ConfigMap/team_demo'],
};

/** Examples that take more than a repository and the programs that render. */
const needing: Record<string, string> = {
  'helm-repository': 'a chart from a public Helm repository',
};

describe('examples', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let tools: RenderTools;
  let repository: TestRepository;

  beforeAll(async () => {
    tools = await renderTools();
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-examples-'));
    git = createGit({ cacheDir });
    repository = await server.createRepository('examples', await exampleFiles());
  });

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  it('are all known to this test', async () => {
    const folders = (await readdir(examples, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(
      [...Object.keys(rendered), ...Object.keys(needing)].sort(),
    );
  });

  it.each(Object.entries(rendered))('%s: its application renders its objects', async (folder, names) => {
    const sources = (await sourcesIn(folder)).map((source) => ({ ...source, repoURL: repository.url }));
    const [only, ...more] = sources;
    const { manifests, warnings } =
      more.length === 0
        ? await renderFromGit(git, tools, repository.url, { ...only }, await pluginsIn(folder, cacheDir))
        : await renderTogether(git, tools, sources);
    expect(namesOf(manifests)).toEqual(names);
    expect(warnings).toEqual([]);
  });

  it.each(Object.entries(needing))('%s: its application is valid; it takes %s', async (folder) => {
    expect(await sourcesIn(folder)).toHaveLength(1);
  });
});
