import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import type { RenderTools } from '../../../activities/render/render.ts';
import type { DirectorySource } from '../../../core/application/source/source-spec.ts';
import { namesOf, renderFromGit } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type Files, type GitServer, startGitServer } from '../../support/servers/git-server.ts';

const configMap = `function(name, data={}) { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name }, data: data }`;

const files: Files = {
  'app/main.jsonnet': `
local configMap = import 'config-map.libsonnet';
local shared = import 'shared.libsonnet';
function(name, replicas=1) [
  configMap(name, { replicas: std.toString(replicas), shared: shared.text, zone: std.extVar('zone') }),
  configMap(name + '-2'),
]`,
  'app/config-map.libsonnet': configMap,
  'libs/one/shared.libsonnet': `{ text: 'first' }`,
  'libs/two/shared.libsonnet': `{ text: 'second' }`,
};

const variables: DirectorySource['jsonnet'] = {
  tlas: [
    { name: 'name', value: '$ARGOCD_APP_NAME-app' },
    { name: 'replicas', value: '1 + 2', code: true },
  ],
  extVars: [{ name: 'zone', value: 'eu-1' }],
  libs: ['libs/one'],
};

describe('activities/render/jsonnet', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let tools: RenderTools;
  let count = 0;

  beforeAll(async () => {
    tools = await renderTools();
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-jsonnet-'));
    git = createGit({ cacheDir });
  });

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  async function render(tree: Files, jsonnet?: DirectorySource['jsonnet'], used = tools) {
    count += 1;
    const { url } = await server.createRepository(`jsonnet-${count}`, tree);
    return await renderFromGit(git, used, url, {
      path: 'app',
      directory: jsonnet === undefined ? {} : { jsonnet },
    });
  }

  it('evaluates a file with top-level arguments, external variables and libraries', async () => {
    const { manifests, sourceType } = await render(files, variables);
    expect(sourceType).toBe('Directory');
    expect(namesOf(manifests)).toEqual(['ConfigMap/team_demo-app', 'ConfigMap/team_demo-app-2']);
    expect(manifests[0]?.['data']).toEqual({ replicas: '3', shared: 'first', zone: 'eu-1' });
  });

  it('takes the later of two libraries with one file name', async () => {
    const { manifests } = await render(files, { ...variables, libs: ['libs/one', 'libs/two'] });
    expect(manifests[0]?.['data']).toMatchObject({ shared: 'second' });
  });

  it('reads Jsonnet and YAML of one folder in the order of their names', async () => {
    const { manifests } = await render({
      'app/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
      'app/b.jsonnet': `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } }`,
      'app/c.json': '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}',
      'app/d.jsonnet': `{ apiVersion: 'v1', kind: 'List', items: [(import 'b.jsonnet') + { metadata: { name: 'd' } }] }`,
      'app/e.jsonnet': '// +argocd:skip-file-rendering\nerror "never evaluated"',
    });
    expect(namesOf(manifests)).toEqual(['ConfigMap/a', 'ConfigMap/b', 'ConfigMap/c', 'ConfigMap/d']);
  });

  it('passes long values, and none of them as an argument', async () => {
    const long = 'canary-'.repeat(40_000);
    const tree = {
      'app/main.jsonnet': `function(v) (${configMap})('x', { length: std.toString(std.length(v)) })`,
    };
    const tlas = [{ name: 'v', value: long }];
    const { manifests } = await render(tree, { tlas });
    expect(manifests[0]?.['data']).toEqual({ length: String(long.length) });

    const spy = join(cacheDir, 'spy');
    const print =
      '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "args"}, "data": {"args": "%s"}}';
    await writeFile(spy, `#!/bin/sh\nprintf '${print}' "$*"\n`, { mode: 0o755 });
    const seen = (await render(tree, { tlas }, { ...tools, jsonnet: spy })).manifests[0]?.['data'];
    expect(JSON.stringify(seen)).toMatch(/--tla-str-file v=.*main\.jsonnet/);
    expect(JSON.stringify(seen)).not.toContain('canary');
  });

  it('imports no file of the machine beside the repository', async () => {
    const foreign = join(cacheDir, 'foreign.txt');
    await writeFile(foreign, 'canary', { mode: 0o644 });
    const reading = `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { x: importstr '${foreign}' } }`;
    await expect(render({ 'app/main.jsonnet': reading })).rejects.toThrow(/couldn't open import/);
  });

  it.each<[string, Files, DirectorySource['jsonnet'], RegExp]>([
    [
      'a map of objects',
      { 'app/m.jsonnet': `{ 'a.yaml': { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } }` },
      {},
      /app\/m\.jsonnet: has no apiVersion; add it/,
    ],
    ['a text', { 'app/m.jsonnet': `'words'` }, {}, /m\.jsonnet: is not a Kubernetes object/],
    [
      'a missing external variable',
      { 'app/m.jsonnet': `[std.extVar('zone')]` },
      {},
      /variable: zone.*set it in directory\.jsonnet\.extVars/,
    ],
    ['a missing argument', files, {}, /argument: name.*set it in directory\.jsonnet\.tlas/],
    [
      'a library outside the repository',
      files,
      { ...variables, libs: ['../../etc'] },
      /jsonnet library \.\.\/\.\.\/etc leads out of the repository/,
    ],
    [
      'a library that is missing',
      files,
      { ...variables, libs: ['gone'] },
      /"shared\.libsonnet".*jsonnet\.libs/,
    ],
    [
      'an error of its own',
      { 'app/m.jsonnet': `error 'no zone'` },
      {},
      /jsonnet app\/m\.jsonnet failed: .*no zone/,
    ],
    ['a syntax error', { 'app/m.jsonnet': '{ a: ' }, {}, /app\/m\.jsonnet:1:6/],
  ])('refuses %s', async (_, tree, jsonnet, message) => {
    const rendering = render(tree, jsonnet);
    await expect(rendering).rejects.toMatchObject({ message: expect.stringMatching(message) });
    await expect(rendering).rejects.not.toThrow(tmpdir());
  });
});
