import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import type { DirectorySource } from '../../../core/application/source/source-spec.ts';
import { whyUntrusted } from '../../../core/render-trust.ts';
import { namesOf, renderFromGit } from '../../support/render/render-source.ts';
import { type Files, type GitServer, startGitServer } from '../../support/servers/git-server.ts';

const object = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const noTools = { helm: '/nonexistent', kustomize: '/nonexistent', jsonnet: '/nonexistent' };

describe('activities/render/directory', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let count = 0;

  beforeAll(async () => {
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-directory-'));
    git = createGit({ cacheDir });
  });

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  async function render(files: Files, directory?: DirectorySource, limits = {}) {
    count += 1;
    const { url } = await server.createRepository(`directory-${count}`, files);
    const options = directory === undefined ? { path: '.' } : { path: '.', directory };
    return await renderFromGit(git, noTools, url, options, { limits });
  }

  const tree: Files = {
    'b.yaml': object('b'),
    'a.yml': object('a'),
    'c.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }),
    'notes.txt': object('not-a-manifest'),
    'deep/d.yaml': object('d'),
    'deep/test/e.yaml': object('e'),
  };

  it('reads the files directly in the folder in lexical order', async () => {
    expect(namesOf((await render(tree)).manifests)).toEqual(['ConfigMap/a', 'ConfigMap/b', 'ConfigMap/c']);
  });

  it.each<[string, DirectorySource, string[]]>([
    ['everything below when asked', { recurse: true }, ['a', 'b', 'c', 'd', 'e']],
    ['only what is included', { recurse: true, include: '{a,deep/*}*' }, ['a', 'd', 'e']],
    ['nothing that is excluded', { recurse: true, exclude: '{deep/test/*,*.json}' }, ['a', 'b', 'd']],
    ['nothing that is both', { recurse: true, include: 'deep/*', exclude: '*/test/*' }, ['d']],
  ])('reads %s', async (_, directory, expected) => {
    const { manifests } = await render(tree, directory);
    expect(manifests.map(({ metadata }) => metadata.name)).toEqual(expected);
  });

  it('reads hidden folders like any other', async () => {
    const { manifests } = await render({ '.hidden/a.yaml': object('a') }, { recurse: true });
    expect(namesOf(manifests)).toEqual(['ConfigMap/a']);
  });

  it('reads several documents and lists', async () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: z}}\n`;
    const { manifests } = await render({
      'a.yaml': `${object('one')}---\n---\n${object('two')}---\n${list}`,
    });
    expect(namesOf(manifests)).toEqual(['ConfigMap/one', 'ConfigMap/two', 'Secret/z']);
  });

  it('leaves out files that ask for it and YAML that is no manifest', async () => {
    const { manifests } = await render({
      'a.yaml': object('a'),
      'skipped.yaml': `# +argocd:skip-file-rendering\n${object('skipped')}`,
      'values.yaml': 'replicas: 3\n',
    });
    expect(namesOf(manifests)).toEqual(['ConfigMap/a']);
  });

  it('follows a link to a file of the repository and ignores a dangling one', async () => {
    const { manifests } = await render(
      {
        'real/a.yaml': object('a'),
        'app/a.yaml': { symlink: '../real/a.yaml' },
        'app/gone.yaml': { symlink: 'nowhere.yaml' },
      },
      { recurse: true, include: 'app/*' },
    );
    expect(namesOf(manifests)).toEqual(['ConfigMap/a']);
  });

  it('names file and line of every broken manifest', async () => {
    const broken = `${object('a')}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: tab\n`;
    await expect(render({ 'a.yaml': object('a'), 'sub.yaml': broken })).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: expect.stringMatching(/: sub\.yaml:8 \(document 2\): is not valid YAML: a tab/),
    });
  });

  it('reads what kubectl reads of a file, and warns of what it passes over', async () => {
    const { manifests, warnings } = await render({
      'a.yaml': `${object('a')}...\n${object('b')}---\n${object('c')}`,
      'd.yaml': `{apiVersion: v1, kind: ConfigMap, metadata: {name: d}}\n{apiVersion: v1}\n`,
      'values.yaml': 'a: 1\n...\n# nothing\n',
    });
    expect(namesOf(manifests)).toEqual(['ConfigMap/a', 'ConfigMap/c', 'ConfigMap/d']);
    expect(warnings).toEqual([
      expect.stringMatching(/^passed over, as kubectl does: a\.yaml:5 \(document 1\) stands behind the end/),
      expect.stringMatching(/^passed over, as kubectl does: d\.yaml:2 stands .*Nothing is pruned meanwhile/),
    ]);
    expect(whyUntrusted(warnings)).toMatch(/^the source could not be read in full: a\.yaml:5 .* and 1 more$/);
  });

  it('refuses more manifests than the limit before it reads any', async () => {
    await expect(render(tree, { recurse: true }, { maxDirectoryBytes: 100 })).rejects.toThrow(
      /exceeded max combined manifest file size \(100 bytes\); split the folder/,
    );
  });
});
