import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import type { RenderTools } from '../../../activities/render/render.ts';
import type { ApplicationSource, HelmSource } from '../../../core/application/source/source-spec.ts';
import { objectOf, renderFromGit, renderTogether } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

/** A chart that shows its values, in the order in which the last file wins. */
const chartFiles = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
  'chart/values.yaml': 'from: chart\ntext: none\n',
  'chart/more/a.yaml': 'from: a\na: "1"\n',
  'chart/more/b.yaml': 'from: b\nb: "1"\n',
  'chart/more/deep/c.yaml': 'from: c\nc: "1"\n',
  'chart/templates/c.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {{ toYaml .Values | nindent 2 }}\n',
};

describe('activities/render/refs', () => {
  let server: GitServer;
  let cacheDir = '';
  let git: Git;
  let tools: RenderTools;
  let charts: TestRepository;
  let values: TestRepository;

  beforeAll(async () => {
    tools = await renderTools();
    server = await startGitServer();
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-refs-'));
    git = createGit({ cacheDir });
    charts = await server.createRepository('charts', chartFiles);
    await charts.tag('v1');
    await charts.commit({ 'chart/values.yaml': 'from: newer\n' });
    values = await server.createRepository('values', {
      'envs/prod.yaml': 'from: prod\n',
      'envs/team_demo.yaml': 'from: team\n',
      'envs/all/one.yaml': 'from: one\none: "1"\n',
      'text.txt': 'lent, text',
    });
    await values.tag('v1');
  });

  afterAll(async () => {
    await git.dispose();
    await server.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  const chart = (helm: HelmSource): ApplicationSource => ({ repoURL: charts.url, path: 'chart', helm });
  const lent = (ref = 'values'): ApplicationSource => ({ repoURL: values.url, ref });

  async function render(helm: HelmSource, ...others: ApplicationSource[]) {
    const { manifests } = await renderTogether(git, tools, [chart(helm), ...others]);
    return objectOf(manifests, 'ConfigMap')['data'];
  }

  it('takes value files and file parameters of another source, from the root of its repository', async () => {
    const data = await render(
      {
        valueFiles: ['$values/envs/prod.yaml'],
        fileParameters: [{ name: 'text', path: '$values/text.txt' }],
      },
      { ...lent(), path: 'envs/all', directory: { include: 'nothing' } },
    );
    expect(data).toEqual({ from: 'prod', text: 'lent, text' });
  });

  it('substitutes build variables behind the name of the source', async () => {
    expect(await render({ valueFiles: ['$values/envs/$ARGOCD_APP_NAME.yaml'] }, lent())).toMatchObject({
      from: 'team',
    });
  });

  it('keeps the order of value files of several sources', async () => {
    const valueFiles = ['$values/envs/prod.yaml', 'more/a.yaml', '/chart/more/b.yaml'];
    expect(await render({ valueFiles }, lent())).toMatchObject({ from: 'b', a: '1' });
    expect(await render({ valueFiles: [...valueFiles].reverse() }, lent())).toMatchObject({ from: 'prod' });
  });

  it.each<[string, HelmSource, Record<string, string>]>([
    ['in the order of names', { valueFiles: ['more/*.yaml'] }, { from: 'b', a: '1', b: '1' }],
    [
      'with a file that is listed by name at its place',
      { valueFiles: ['more/[ab].yaml', 'more/a.yaml'] },
      { from: 'a', b: '1' },
    ],
    ['in folders below', { valueFiles: ['more/**/*.yaml'] }, { from: 'c', a: '1', b: '1', c: '1' }],
    ['of another source', { valueFiles: ['$values/envs/**/o?e.yaml'] }, { from: 'one', one: '1' }],
    [
      'with none, when that is allowed',
      { valueFiles: ['no/*.yaml', '$values/gone.yaml'], ignoreMissingValueFiles: true },
      { from: 'newer' },
    ],
  ])('expands a pattern %s', async (_, helm, expected) => {
    expect(await render(helm, lent())).toMatchObject(expected);
  });

  it('renders nothing for a source that only lends, and resolves it all the same', async () => {
    const { manifests, sourceTypes } = await renderTogether(git, tools, [
      lent(),
      chart({ releaseName: 'x' }),
    ]);
    expect(manifests).toHaveLength(1);
    expect(sourceTypes).toEqual(['', 'Helm']);
  });

  it.each<[string, () => [HelmSource, ...ApplicationSource[]], string]>([
    [
      'a name that no source has',
      () => [{ valueFiles: ['$other/x.yaml'] }, lent(), lent('also')],
      'source referenced "$other", which is not one of the available sources ($also, $values)',
    ],
    [
      'any name when no source has one',
      () => [{ valueFiles: ['$ARGOCD_APP_NAME/x.yaml'] }],
      'source referenced "$ARGOCD_APP_NAME", but no source has a \'ref\' field defined',
    ],
    [
      'a chart',
      () => [{ valueFiles: ['$values/x.yaml'] }, { ...lent(), chart: 'nginx' }],
      "source has a 'chart' field defined, but Helm charts are not supported for 'ref' sources",
    ],
    [
      'two revisions of one repository',
      () => [
        { valueFiles: ['$values/envs/prod.yaml', '$b/envs/prod.yaml'] },
        lent(),
        { ...lent('b'), targetRevision: 'v1' },
      ],
      'cannot reference multiple revisions for the same repository ($b references "v1" while $values references "")',
    ],
    [
      'another revision of its own repository',
      () => [
        { valueFiles: ['$own/chart/more/a.yaml'] },
        { repoURL: charts.url, ref: 'own', targetRevision: 'v1' },
      ],
      'cannot reference a different revision of the same repository ($own references "v1" which resolves to',
    ],
    [
      'a file that is missing',
      () => [{ valueFiles: ['$values/gone.yaml'] }, lent()],
      'value file $values/gone.yaml does not exist',
    ],
    ['no file', () => [{ valueFiles: ['$values/'] }, lent()], 'no file path after the ref name'],
    [
      'a path out of the repository',
      () => [{ valueFiles: ['$values/../values/envs/prod.yaml'] }, lent()],
      'leads out of the repository',
    ],
    [
      'a pattern out of the repository',
      () => [{ valueFiles: ['$values/../*/prod.yaml'] }, lent()],
      'leads out of the repository',
    ],
    [
      'a pattern that matches nothing',
      () => [{ valueFiles: ['envs/*.yaml'] }, lent()],
      'values file glob "envs/*.yaml" matched no files',
    ],
  ])('refuses %s', async (_, arrange, message) => {
    const [helm, ...others] = arrange();
    const rendering = render(helm, ...others);
    await expect(rendering).rejects.toMatchObject({ message: expect.stringContaining(message) });
    await expect(rendering).rejects.not.toThrow(tmpdir());
  });

  it('reads a dollar sign as a variable in an application of the single form', async () => {
    const { manifests } = await renderFromGit(git, tools, charts.url, {
      path: 'chart',
      helm: { valueFiles: ['$nothing/chart/more/a.yaml'] },
    });
    expect(objectOf(manifests, 'ConfigMap')['data']).toMatchObject({ from: 'a' });
  });
});
