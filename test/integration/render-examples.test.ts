import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createGit, type Git } from '../../activities/git.ts';
import type { RenderTools } from '../../activities/render/render.ts';
import { sourcesOf } from '../../core/application/source.ts';
import { readApplication } from '../../core/application/spec.ts';
import { type GitServer, startGitServer, type TestRepository } from '../support/git-server.ts';
import { namesOf, renderFromGit } from '../support/render-source.ts';
import { renderTools, renderToolsTimeout } from '../support/render-tools.ts';

const examples = join(import.meta.dirname, '../../examples');

async function exampleFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(examples, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(examples, path)] = await readFile(path, 'utf8');
  }
  return files;
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
  }, renderToolsTimeout);

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  it('are all known to this test', async () => {
    const folders = (await readdir(examples, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(rendered).sort());
  });

  it.each(Object.entries(rendered))('%s: its application renders its objects', async (folder, names) => {
    const text = await readFile(join(examples, folder, 'application.yaml'), 'utf8');
    const { value, issues } = readApplication(parse(text));
    expect(issues).toBeUndefined();
    const [source] = value === undefined ? [] : sourcesOf(value.spec);
    expect(source).toBeDefined();
    const { manifests, warnings } = await renderFromGit(git, tools, repository.url, { ...source });
    expect(namesOf(manifests)).toEqual(names);
    expect(warnings).toEqual([]);
  });
});
