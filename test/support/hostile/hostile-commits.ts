import fc from 'fast-check';
import type { Files } from '../render/git-import.ts';

/** What somebody pushed to hurt whoever reads it: the files of a folder. */
export type HostileCommit = { readonly sort: string; readonly files: Files };

const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: fine\ndata: {a: "1"}\n';
const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'fine' } };
const keys = (count: number, indent = ''): string =>
  Array.from({ length: count }, (_, at) => `${indent}key${at}: ${at}`).join('\n');
const chart = 'apiVersion: v2\nname: hostile\nversion: 1.0.0\n';

/** Each of a sort that once stopped the thread of a worker, or a sync that could never end. */
export const hostileCommits: readonly HostileCommit[] = [
  {
    sort: 'glob',
    files: {
      '.argocd-source.yaml': "directory: {include: '*a*a*a*a*a*a*b'}\n",
      [`${'a'.repeat(150)}.yaml`]: manifest,
      'fine.yaml': manifest,
    },
  },
  { sort: 'jsonnet', files: { 'a.jsonnet': `local a = import${'/**/'.repeat(60)}x; a`, 'a.yaml': manifest } },
  { sort: 'override-keys', files: { '.argocd-source.yaml': `${keys(20_000)}\n`, 'a.yaml': manifest } },
  { sort: 'yaml-keys', files: { 'a.yaml': `${manifest}unknown:\n${keys(20_000, '  ')}\n` } },
  {
    sort: 'kustomization',
    files: {
      'kustomization.yaml': `resources: [a.yaml]\ncommonAnnotations:\n${keys(20_000, '  ')}\n`,
      'a.yaml': manifest,
    },
  },
  {
    sort: 'values',
    files: {
      'Chart.yaml': chart,
      'values.yaml': `a:\n${keys(20_000, '  ')}\n`,
      [`templates/a.yaml`]: `${manifest}${'{{'.repeat(20_000)}`,
    },
  },
  { sort: 'nul-name', files: { 'a.yaml': manifest.replace('fine', '"a\\0b"') } },
  {
    sort: 'nul-label',
    files: { 'a.yaml': manifest.replace('name: fine', 'name: "a\\0b"\n  labels: {x: 1}') },
  },
  { sort: 'nul-data', files: { 'a.yaml': manifest.replace('"1"', '"a\\0b"') } },
  {
    sort: 'half-a-pair',
    files: {
      'a.json': `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","annotations":{"x":"\\ud800"}}}`,
    },
  },
  { sort: 'nul-said-by-a-tool', files: { 'Chart.yaml': chart, 'templates/a.yaml': '{{ fail "a\\x00b" }}' } },
  { sort: 'deep-json', files: { 'a.json': `${'['.repeat(6000)}${']'.repeat(6000)}` } },
  { sort: 'empty', files: { 'a.yaml': '' } },
  {
    sort: 'nul-override',
    files: { '.argocd-source.yaml': 'directory: {include: "a\\0b"}\n', 'a.yaml': manifest },
  },
  { sort: 'nul-link', files: { 'a.yaml': { symlink: 'a\u0000b' }, 'b.yaml': manifest } },
  {
    sort: 'nul-import',
    files: { 'a.jsonnet': `local unused = import @'a\u0000b'; ${JSON.stringify(object)}` },
  },
  {
    sort: 'long-name',
    files: { 'Chart.yaml': chart, '.argocd-source.yaml': `helm: {valueFiles: [${'x'.repeat(300)}]}\n` },
  },
];

/** Names of files that no file has, each where a file names another: what was looked for is kept beside the render. */
const impossible = ['a\u0000b', '\ud800', `a/${'x'.repeat(300)}`, 'y/'.repeat(3000)] as const;

const namings = (name: string): readonly Files[] => {
  const text = JSON.stringify(name);
  return [
    { 'kustomization.yaml': `resources: [${text}]\n` },
    { 'kustomization.yaml': `unknown: ${text}\nresources: [a.yaml]\n`, 'a.yaml': manifest },
    { 'kustomization.yaml': `helmCharts: [{name: ${text}, version: ${text}}]\n` },
    { 'kustomization.yaml': `configMapGenerator: [{name: a, files: [${text}], envs: [${text}]}]\n` },
    {
      'Chart.yaml': `${chart}dependencies: [{name: ${text}, version: 1.0.0, repository: "file://${text.slice(1)}}]\n`,
      'templates/a.yaml': manifest,
    },
    { 'Chart.yaml': chart, '.argocd-source.yaml': `helm: {valueFiles: [${text}]}\n` },
    {
      'Chart.yaml': chart,
      'templates/a.yaml': manifest,
      'values.yaml': `${text}: {a: 1}\n`,
      '.argocd-source.yaml': `helm: {values: ${JSON.stringify(`${text}: 1`)}}\n`,
    },
    { '.argocd-source.yaml': `directory: {include: ${text}}\n`, 'a.yaml': manifest },
    { '.argocd-source.yaml': `plugin: {name: ${text}}\n`, 'a.yaml': manifest },
    { 'a.jsonnet': `import ${text}` },
    { 'a.jsonnet': `import @'${name}'` },
    { 'a.yaml': { symlink: name }, 'b.yaml': manifest },
  ];
};

/** Each way to name a file, with each name that none can have. */
export const impossibleNames: readonly HostileCommit[] = impossible.flatMap((name, of) =>
  namings(name).map((files, way) => ({ sort: `name-${of}-${way}`, files })),
);

const words = fc.constantFrom(
  'a',
  '',
  '~',
  '{}',
  '[]',
  '1e400',
  '-1',
  '99999999999999999999',
  '"a\\0b"',
  '"\\ud800"',
  '"\\x1b[31m"',
  '"\\u2028"',
  "'{{ .Values.x }}'",
  '*missing',
  '&a [*a]',
  '!!binary "%%%"',
  '2026-99-99',
  '0x',
  `'${'x'.repeat(70_000)}'`,
);
const field = fc.constantFrom(
  'name',
  'namespace',
  'generateName',
  'labels',
  'annotations',
  'finalizers',
  'x',
);
const kinds = fc.constantFrom(
  'ConfigMap',
  'Secret',
  'Namespace',
  'List',
  'Unknown',
  'CustomResourceDefinition',
  '""',
);

const hostileManifest = fc
  .record({
    kind: kinds,
    version: fc.constantFrom('v1', 'apps/v1', '/', 'a/b/c', '"\\0"'),
    field,
    word: words,
    inner: words,
  })
  .map(
    ({ kind, version, field: name, word, inner }) =>
      `apiVersion: ${version}\nkind: ${kind}\nmetadata:\n  name: a\n  ${name}: ${word}\ndata: {k: ${inner}}\n`,
  );

const hostileFiles = fc.oneof(
  fc.record({ 'a.yaml': hostileManifest }),
  fc.record({ 'a.yaml': hostileManifest, 'b.yaml': hostileManifest }),
  fc.record({
    'Chart.yaml': fc.constant(chart),
    'values.yaml': words.map((word) => `a: ${word}\n`),
    'templates/a.yaml': fc.oneof(
      hostileManifest,
      fc.constantFrom('{{ fail (repeat 9000 "\\x00") }}', '{{', '{{ .Values.a }}'),
    ),
  }),
  fc.record({
    'kustomization.yaml': words.map((word) => `resources: [a.yaml]\nnamePrefix: ${word}\n`),
    'a.yaml': hostileManifest,
  }),
  fc.record({
    'a.jsonnet': words.map((word) => `{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: ${word} } }`),
  }),
  fc.record({
    '.argocd-source.yaml': words.map((word) => `directory: {include: ${word}}\n`),
    'a.yaml': fc.constant(manifest),
  }),
);

/** The same random commits for the same seed. */
export function randomHostileCommits(seed: number, count: number): HostileCommit[] {
  return fc
    .sample(hostileFiles, { seed, numRuns: count })
    .map((files, at) => ({ sort: `random-${at}`, files }));
}
