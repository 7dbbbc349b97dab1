import fc from 'fast-check';

/** What somebody pushed to hurt whoever reads it: the files of a folder. */
export type HostileCommit = { readonly sort: string; readonly files: Readonly<Record<string, string>> };

const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: fine\ndata: {a: "1"}\n';
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
];

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
