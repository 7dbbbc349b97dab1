import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seedsOf } from '../../test/support/random/seeds.ts';
import {
  inputsInMemory,
  type MemoryFiles,
  memoryTree,
  stateIn,
} from '../../test/support/render/memory-tree.ts';
import type { ApplicationSource } from '../application/source/source-spec.ts';
import type { Discovery } from '../plugin/plugin-file.ts';
import { isStorable } from '../text/storable-text.ts';

type Case = {
  readonly files: MemoryFiles;
  readonly source: Partial<ApplicationSource>;
  /** Paths whose change the render notices; all others it doesn't. */
  readonly reads: readonly string[];
  /** Paths whose appearance it notices. */
  readonly awaits?: readonly string[];
  readonly ignores?: readonly string[];
  /** Paths where it notices a submodule that appears. */
  readonly awaitsSubmodules?: readonly string[];
};

const kustomization = (fields: object): string => JSON.stringify(fields);

const cases: Readonly<Record<string, Case>> = {
  'a plain folder: its manifests and no other file': {
    files: { 'app/a.yaml': 'a', 'app/notes.md': 'n', 'app/deep/b.yaml': 'b', 'other/c.yaml': 'c' },
    source: { path: 'app' },
    reads: ['app/a.yaml'],
    awaits: ['app/new.yaml', 'app/kustomization.yaml', 'app/.argocd-source.yaml', '.gitattributes'],
    ignores: ['app/new.md', 'app/deep/new.yaml', 'app/.argocd-source-else.yaml.txt'],
  },
  'a recursive folder: what include and exclude leave': {
    files: { 'app/a.yaml': 'a', 'app/deep/b.yaml': 'b', 'app/deep/c.yaml': 'c', 'app/x/c.yaml': 'c' },
    source: { path: 'app', directory: { recurse: true, include: '{a.yaml,deep/*}', exclude: 'deep/c*' } },
    reads: ['app/a.yaml', 'app/deep/b.yaml'],
    awaits: ['app/deep/d.yaml'],
    ignores: ['app/x/d.yaml', 'app/deep/cc.yaml'],
  },
  'symlinked manifests: the link and what it leads to': {
    files: {
      'app/a.yaml': '-> ../shared/one/a.yaml',
      'shared/one': '-> ../real',
      'real/a.yaml': 'a',
      'real/b.yaml': 'b',
    },
    source: { path: 'app' },
    reads: ['app/a.yaml', 'shared/one', 'real/a.yaml'],
  },
  'an app path that is a symlink': {
    files: { current: '-> releases/2', 'releases/1/a.yaml': 'a', 'releases/2/a.yaml': 'b' },
    source: { path: 'current' },
    reads: ['current', 'releases/2/a.yaml'],
  },
  'Jsonnet: what is imported, and what that imports, from libraries too': {
    files: {
      'app/main.jsonnet': "local a = import 'a.libsonnet'; /* */ local t = importstr // c\n @'t.txt'; a + t",
      'app/a.libsonnet': 'import "lib.libsonnet"',
      'app/t.txt': 't',
      'app/unused.libsonnet': '{}',
      'vendor/lib.libsonnet': '{ x: importbin "bin" }',
      'vendor/bin': 'b',
      'vendor/unused.libsonnet': '{}',
    },
    source: { path: 'app', directory: { jsonnet: { libs: ['vendor'] } } },
    reads: ['app/main.jsonnet', 'app/a.libsonnet', 'app/t.txt', 'vendor/lib.libsonnet', 'vendor/bin'],
    awaits: ['app/lib.libsonnet'],
    ignores: ['app/other.libsonnet'],
  },
  'Kustomize: the closure of all fields that name files': {
    files: {
      'overlays/a/kustomization.yaml': kustomization({
        resources: ['../../base', 'own.yaml', 'https://example.test/x.yaml'],
        components: ['../../component'],
        patches: [{ path: 'patch.yaml' }, { patch: 'inline: true\n' }],
        configMapGenerator: [{ name: 'c', files: ['key=file.txt', 'plain.txt'], envs: ['c.env'] }],
        secretGenerator: [{ name: 's', env: 's.env', literals: ['a=unread.txt'] }],
        replacements: [{ path: 'replace.yaml' }],
        transformers: ['transformer.yaml'],
        openapi: { path: 'schema.json' },
        namespace: 'unread.txt',
        newField: { nested: ['by-new-field.txt'] },
      }),
      'overlays/a/own.yaml': 'o',
      'overlays/a/patch.yaml': 'p',
      'overlays/a/file.txt': 'f',
      'overlays/a/plain.txt': 'f',
      'overlays/a/c.env': 'e',
      'overlays/a/s.env': 'e',
      'overlays/a/replace.yaml': 'r',
      'overlays/a/transformer.yaml': kustomization({ kind: 'PatchTransformer', path: 'by-transformer.yaml' }),
      'overlays/a/by-transformer.yaml': 't',
      'overlays/a/schema.json': '{}',
      'overlays/a/by-new-field.txt': 'n',
      'overlays/a/unread.txt': 'u',
      'overlays/b/kustomization.yaml': kustomization({ resources: ['../../base'] }),
      'base/kustomization.yml': kustomization({ bases: ['deeper'], crds: ['crd.json'] }),
      'base/crd.json': '{}',
      'base/README.md': 'r',
      'base/deeper/Kustomization': kustomization({ resources: ['x.yaml'] }),
      'base/deeper/x.yaml': 'x',
      'component/kustomization.yaml': kustomization({ kind: 'Component', patchesStrategicMerge: ['p.yaml'] }),
      'component/p.yaml': 'p',
    },
    source: { path: 'overlays/a', kustomize: { patches: [{ path: 'unread.txt' }] } },
    reads: [
      'overlays/a/kustomization.yaml',
      'overlays/a/own.yaml',
      'overlays/a/patch.yaml',
      'overlays/a/file.txt',
      'overlays/a/plain.txt',
      'overlays/a/c.env',
      'overlays/a/s.env',
      'overlays/a/replace.yaml',
      'overlays/a/transformer.yaml',
      'overlays/a/by-transformer.yaml',
      'overlays/a/schema.json',
      'overlays/a/by-new-field.txt',
      'overlays/a/unread.txt',
      'base/kustomization.yml',
      'base/crd.json',
      'base/deeper/Kustomization',
      'base/deeper/x.yaml',
      'component/kustomization.yaml',
      'component/p.yaml',
    ],
    awaits: ['base/kustomization.yaml'],
    ignores: ['base/new.yaml', 'overlays/a/new.yaml'],
  },
  'Kustomize with a local chart': {
    files: {
      'app/kustomization.yaml': kustomization({
        helmGlobals: { chartHome: '../charts' },
        helmCharts: [{ name: 'web', valuesFile: 'values.yaml', additionalValuesFiles: ['more.yaml'] }],
      }),
      'app/values.yaml': 'v',
      'app/more.yaml': 'm',
      'charts/web/Chart.yaml': 'name: web',
      'charts/web/templates/a.yaml': 't',
      'charts/db/Chart.yaml': 'name: db',
    },
    source: { path: 'app' },
    reads: [
      'app/kustomization.yaml',
      'app/values.yaml',
      'app/more.yaml',
      'charts/web/Chart.yaml',
      'charts/web/templates/a.yaml',
    ],
  },
  'Helm: the whole chart, value files, and charts in folders with theirs': {
    files: {
      'web/Chart.yaml': JSON.stringify({
        dependencies: [
          { name: 'lib', repository: 'file://../lib' },
          { name: 'vendored', repository: 'https://charts.test' },
        ],
      }),
      'web/templates/a.yaml': '{{ .Files.Glob "files/*" }}',
      'web/files/one': '1',
      'web/charts/vendored-1.0.0.tgz': 'tgz',
      'web/linked': '-> ../lent',
      'lent/file': 'f',
      'lib/Chart.yaml': JSON.stringify({ dependencies: [{ name: 'deep', repository: 'file://../deep' }] }),
      'lib/templates/_l.tpl': '{{ define "now" }}{{ end }}',
      'deep/Chart.yaml': 'name: deep',
      'env/demo.yaml': 'v',
      'env/other.yaml': 'v',
      'glob/a/x.yaml': 'x',
      'glob/b.txt': 'x',
    },
    source: {
      path: 'web',
      helm: {
        valueFiles: ['../env/$ARGOCD_APP_NAME.yaml', '/env/missing.yaml', '/glob/*/x.yaml'],
        ignoreMissingValueFiles: true,
        fileParameters: [{ name: 'f', path: 'files/one' }],
      },
    },
    reads: [
      'web/Chart.yaml',
      'web/templates/a.yaml',
      'web/files/one',
      'web/charts/vendored-1.0.0.tgz',
      'web/linked',
      'lent/file',
      'lib/Chart.yaml',
      'lib/templates/_l.tpl',
      'deep/Chart.yaml',
      'env/demo.yaml',
      'glob/a/x.yaml',
      'glob/b.txt',
    ],
    awaits: ['web/files/two', 'env/missing.yaml', 'lent/new', 'deep/x', 'glob/c/x.yaml'],
    ignores: ['env/new.yaml', 'new/file'],
  },
  'overrides in the repository choose the tool': {
    files: {
      'app/.argocd-source-demo.yaml': JSON.stringify({ helm: { valueFiles: ['../values.yaml'] } }),
      'app/.argocd-source-other.yaml': '{}',
      'app/Chart.yaml': 'name: web',
      'values.yaml': 'v',
      'other.yaml': 'o',
    },
    source: { path: 'app' },
    reads: ['app/.argocd-source-demo.yaml', 'app/.argocd-source-other.yaml', 'app/Chart.yaml', 'values.yaml'],
    awaits: ['app/.argocd-source.yaml'],
  },
  'overrides of other applications in the same folder count for them alone': {
    files: { 'app/kustomization.yaml': '{}', 'app/.argocd-source-other.yaml': '{}', 'app/zChart.yaml': '' },
    source: { path: 'app', kustomize: {} },
    reads: ['app/kustomization.yaml', 'app/zChart.yaml'],
    awaits: ['app/.argocd-source-demo.yaml'],
    ignores: ['app/.argocd-source-third.yaml'],
  },
  'a submodule: all of the commit': {
    files: {
      'app/kustomization.yaml': kustomization({ resources: ['sub/base'] }),
      'app/sub': '@ 1',
      'else.txt': 'e',
    },
    source: { path: 'app' },
    reads: ['app/kustomization.yaml', 'app/sub', 'else.txt'],
    awaits: ['new'],
  },
  'submodules in a folder that is read with all below it, one that is added too': {
    files: { 'app/a.yaml': 'a', 'app/deep/b.yaml': 'b' },
    source: { path: 'app', directory: { recurse: true } },
    reads: ['app/a.yaml', 'app/deep/b.yaml'],
    awaits: ['app/deep/c.yaml'],
    ignores: ['app/deep/else', 'else.yaml'],
    awaitsSubmodules: ['app/deep/else', 'app/more'],
  },
  'a submodule that is there below a folder that is read with all below it: all of the commit': {
    files: { 'app/a.yaml': 'a', 'app/deep/sub': '@ 1', 'else.txt': 'e' },
    source: { path: 'app', directory: { recurse: true } },
    reads: ['app/a.yaml', 'app/deep/sub', 'else.txt'],
    awaits: ['new'],
  },
  'a submodule below a folder whose files alone are read counts for nothing': {
    files: { 'app/a.yaml': 'a', 'app/deep/sub': '@ 1' },
    source: { path: 'app' },
    reads: ['app/a.yaml'],
    ignores: ['else.txt'],
  },
  'Kustomize with a pattern of components: all of that folder, and what its components refer to': {
    files: {
      'app/kustomization.yaml': kustomization({ resources: [] }),
      'parts/a/kustomization.yaml': kustomization({ resources: ['../../shared'] }),
      'parts/b/other.yaml': 'o',
      'shared/kustomization.yaml': kustomization({ resources: ['x.yaml'] }),
      'shared/x.yaml': 'x',
      'else/x.yaml': 'x',
    },
    source: { path: 'app', kustomize: { components: ['../parts/*', '../gone/*'] } },
    reads: [
      'app/kustomization.yaml',
      'parts/a/kustomization.yaml',
      'parts/b/other.yaml',
      'shared/kustomization.yaml',
      'shared/x.yaml',
    ],
    awaits: ['parts/c/kustomization.yaml', 'gone/a'],
    ignores: ['else/new'],
  },
  'a kustomization that cannot be read here: all of the commit': {
    files: { 'app/kustomization.yaml': 'resources: [base', 'base/x.yaml': 'x' },
    source: { path: 'app' },
    reads: ['app/kustomization.yaml', 'base/x.yaml'],
    awaits: ['new'],
  },
  'a transformer that cannot be read here: all of the commit': {
    files: {
      'app/kustomization.yaml': kustomization({ transformers: ['t.yaml'] }),
      'app/t.yaml': 'kind: [',
      'x.yaml': 'x',
    },
    source: { path: 'app' },
    reads: ['app/kustomization.yaml', 'app/t.yaml', 'x.yaml'],
  },
  'a chart whose Chart.yaml cannot be read here: all of the commit': {
    files: { 'app/Chart.yaml': 'name: [', 'lib/Chart.yaml': 'name: lib' },
    source: { path: 'app' },
    reads: ['app/Chart.yaml', 'lib/Chart.yaml'],
  },
  'a path that does not exist, until it does': {
    files: { 'other/a.yaml': 'a' },
    source: { path: 'app' },
    reads: [],
    awaits: ['app/a.yaml', 'app'],
    ignores: ['apple/a.yaml'],
  },
};

describe('core/render/inputs-of', () => {
  for (const [name, one] of Object.entries(cases)) {
    const { files, source, reads, awaits = [], ignores = [], awaitsSubmodules = [] } = one;
    test(name, () => {
      const { own } = inputsInMemory(files, source);
      const notices = (changed: MemoryFiles): boolean => {
        const [before, after] = [memoryTree(files), memoryTree(changed)];
        return own.some((input) => stateIn(before, input) !== stateIn(after, input));
      };
      const noticed = Object.keys(files).filter((path) => notices({ ...files, [path]: `${files[path]}!` }));
      expect(noticed.sort()).toEqual([...reads].sort());
      expect(awaits.filter((path) => !notices({ ...files, [path]: 'new' }))).toEqual([]);
      expect(awaitsSubmodules.filter((path) => !notices({ ...files, [path]: '@ 1' }))).toEqual([]);
      expect(ignores.filter((path) => notices({ ...files, [path]: 'new' }))).toEqual([]);
    });
  }

  test('files that another source lends are inputs in its tree, from its root', () => {
    const chart = { 'web/Chart.yaml': 'name: web' };
    const lent = { 'values/demo.yaml': 'v', 'else.yaml': 'e' };
    const helm = { valueFiles: ['$values/values/$ARGOCD_APP_NAME.yaml'] };
    const { lent: inputs } = inputsInMemory(chart, { path: 'web', helm }, { values: lent });
    expect(inputs.get('values')).toContainEqual({ kind: 'entry', path: 'values/demo.yaml' });
    expect(JSON.stringify(inputs.get('values'))).not.toContain('else.yaml');
  });

  test('a name that nothing can store is looked for and not kept', () => {
    const files = {
      'app/a.yaml': '-> ../x\u0000y',
      'app/b.yaml': '-> z\ud800',
      'app/c.jsonnet': "import @'import\u0000ed'",
      'app/d.yaml': 'd',
    };
    const { own } = inputsInMemory(files, { path: 'app' });
    expect(own.map(({ path }) => path)).toContain('app/a.yaml');
    expect(own.filter(({ path }) => !isStorable(path))).toEqual([]);
  });

  test('a render that fetches or draws at random says so, and one that does neither does not', () => {
    const chart = (template: string, dependencies: object[] = []) =>
      inputsInMemory(
        { 'c/Chart.yaml': JSON.stringify({ dependencies }), 'c/templates/a.yaml': template },
        { path: 'c' },
      );
    expect(chart('key: {{ randAlphaNum 5 | quote }}').random).toEqual(['c/templates/a.yaml']);
    expect(chart('{{- $ca := genCA "x" 1 -}}').random).toEqual(['c/templates/a.yaml']);
    expect(
      chart('now: {{ .Values.now }} {{/* now */}} {{ include "now" . }} {{ lookup "v1" "Pod" "" "" }}')
        .random,
    ).toEqual([]);
    expect(chart('', [{ name: 'db', repository: 'https://charts.test' }]).remote).toEqual([
      'https://charts.test',
    ]);
    const base = (resource: string) =>
      inputsInMemory({ 'k/kustomization.yaml': kustomization({ resources: [resource] }) }, { path: 'k' })
        .remote;
    expect(base('github.com/org/repo//base?ref=v1')).toHaveLength(1);
    expect(base('https://example.test/x.yaml')).toHaveLength(1);
    expect(base('git@host:org/repo')).toHaveLength(1);
    expect(base('missing.yaml')).toEqual([]);
  });

  test('a folder that a plugin discovers, or may, reads the whole commit; one that none does, all below it', () => {
    const files = { 'app/a.yaml': 'a', 'app/deep/b': 'b', 'other/c': 'c' };
    const found = (fileName: string, source = {}) =>
      inputsInMemory(files, { path: 'app', ...source }, {}, { discoveries: [{ fileName }] });
    expect(found('a.*')).toMatchObject({
      tool: 'Plugin',
      cluster: true,
      remote: ['plugin'],
      usesRevision: true,
    });
    expect(found('a.*').own).toEqual([{ kind: 'tree', path: '' }]);
    expect(found('b.*').tool).toBe('Directory');
    expect(found('b.*').own).toContainEqual({ kind: 'tree', path: 'app' });
    expect(found('a.*', { directory: {} })).toMatchObject({ tool: 'Directory', undetermined: undefined });
    expect(found('a.*', { directory: {} }).own).not.toContainEqual({ kind: 'tree', path: 'app' });
    const command = { command: ['ask'], args: [] };
    expect(inputsInMemory(files, { path: 'app' }, {}, { discoveries: [{ command }] }).tool).toBe('Plugin');
  });

  test('a path in a submodule may be rendered by any tool, as the cluster is and by plugins that may discover it', () => {
    const files = { 'vendor/sub': '@ 1' };
    const found = (source: object, discoveries: readonly Discovery[]) =>
      inputsInMemory(files, { path: 'vendor/sub/app', ...source }, {}, { discoveries });
    const whole = [{ kind: 'tree', path: '' }];
    expect(found({}, [])).toMatchObject({ own: whole, tool: undefined, cluster: true, remote: [] });
    expect(found({}, [{ fileName: 'x' }])).toMatchObject({ tool: 'Plugin', remote: ['plugin'] });
    expect(found({ helm: {} }, [{ fileName: 'x' }])).toMatchObject({ tool: undefined, remote: [] });
    expect(found({ plugin: { name: 'p' } }, [])).toMatchObject({ tool: 'Plugin', remote: ['plugin'] });
    const outside = inputsInMemory(files, { path: 'nowhere' }, {}, { discoveries: [{ fileName: 'x' }] });
    expect(outside).toMatchObject({ tool: undefined, cluster: false, remote: [] });
  });

  test('the revision counts only where the source asks for it', () => {
    const files = { 'c/Chart.yaml': 'name: c' };
    const parameters = [{ name: 'tag', value: '$ARGOCD_APP_REVISION_SHORT' }];
    expect(inputsInMemory(files, { path: 'c' }).usesRevision).toBe(false);
    expect(inputsInMemory(files, { path: 'c', helm: { parameters } }).usesRevision).toBe(true);
  });

  test.each([
    ['REVISION', true],
    ['REVISION_SHORT', true],
    ['REVISION_SHORT_8', true],
    ['SOURCE_TARGET_REVISION', true],
    ['NAME', false],
    ['SOURCE_PATH', false],
    ['SOURCE_REPO_URL', false],
  ])('$ARGOCD_APP_%s depends on the revision: %s', (name, isUsed) => {
    const kustomize = { commonLabels: { at: `\${ARGOCD_APP_${name}}` } };
    const { usesRevision } = inputsInMemory({ 'k/kustomization.yaml': '{}' }, { path: 'k', kustomize });
    expect(usesRevision).toBe(isUsed);
  });

  test('the cluster counts only for a chart that may look at it', () => {
    const reads = (template: string, more: MemoryFiles = {}, chart = 'name: c') =>
      inputsInMemory({ 'c/Chart.yaml': chart, 'c/templates/a.yaml': template, ...more }, { path: 'c' })
        .cluster;
    expect(reads('{{ .Values.a }}')).toBe(false);
    expect(reads('{{ .Capabilities.APIVersions.Has "v1" }}')).toBe(true);
    expect(reads('{{ tpl .Values.a . }}')).toBe(true);
    expect(reads('', { 'c/charts/sub/templates/b.yaml': '{{ $.Capabilities.KubeVersion }}' })).toBe(true);
    expect(reads('', { 'c/charts/sub-1.0.0.tgz': 'packed' })).toBe(true);
    expect(reads('', {}, 'kubeVersion: ">=1.30"')).toBe(true);
    expect(reads('', {}, 'dependencies: [{name: x, repository: "https://charts.test"}]')).toBe(true);
    const lib = { 'lib/Chart.yaml': 'name: lib', 'lib/templates/_a.tpl': '{{ .Capabilities }}' };
    expect(reads('', lib, 'dependencies: [{name: lib, repository: "file://../lib"}]')).toBe(true);
    const files = { 'k/kustomization.yaml': kustomization({ helmCharts: [{ name: 'x' }] }) };
    expect(inputsInMemory(files, { path: 'k' }).cluster).toBe(true);
  });

  test('what cannot be read here may be fetched, so its render has an end', () => {
    expect(inputsInMemory({ 'k/kustomization.yaml': '[' }, { path: 'k' }).remote).toEqual([
      'k/kustomization.yaml',
    ]);
    expect(inputsInMemory({ 'k/kustomization.yaml': '' }, { path: 'k' })).toMatchObject({
      undetermined: undefined,
      remote: [],
    });
  });

  test.each(seedsOf('core/render-inputs/inputs-of', 20_261_130))(
    'as long as no input changes, the analysis of any later commit finds the same inputs, seed %i',
    (seed) => {
      const names = ['a', 'b', 'c', 'kustomization.yaml', 'Chart.yaml', 'x.yaml'];
      const path = fc
        .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
        .map((parts) => parts.join('/'));
      const reference = fc
        .array(fc.constantFrom('..', ...names), { minLength: 1, maxLength: 3 })
        .map((parts) => parts.join('/'));
      const content = fc.oneof(
        reference.map((target) => `-> ${target}`),
        fc
          .array(reference, { maxLength: 3 })
          .map((resources) => kustomization({ resources, files: resources })),
        reference.map((to) => JSON.stringify({ dependencies: [{ name: 'd', repository: `file://${to}` }] })),
      );
      const repository = fc.dictionary(path, content, { minKeys: 3, maxKeys: 12 }).map(withoutFoldersAsFiles);
      fc.assert(
        fc.property(
          repository,
          fc.dictionary(path, content, { minKeys: 1, maxKeys: 3 }),
          path,
          (files, change, app) => {
            const changed = withoutFoldersAsFiles({ ...files, ...change });
            const [before, after] = [memoryTree(files), memoryTree(changed)];
            const { own } = inputsInMemory(files, { path: app });
            fc.pre(own.every((input) => stateIn(before, input) === stateIn(after, input)));
            expect(inputsInMemory(changed, { path: app }).own).toEqual(own);
          },
        ),
        { numRuns: 750, seed },
      );
    },
  );
});

/** A path can't be a file and a folder; the later one is the folder's. */
function withoutFoldersAsFiles(files: MemoryFiles): MemoryFiles {
  const paths = Object.keys(files);
  return Object.fromEntries(
    Object.entries(files).filter(([path]) => !paths.some((other) => other.startsWith(`${path}/`))),
  );
}
