import fc from 'fast-check';
import { stringify } from 'yaml';
import type { KustomizeSource } from '../../../core/application/source/source-spec.ts';
import type { TreeFiles } from '../render/render-files.ts';
import type { DifferentialCase, PlainRun } from './random-helm.ts';

const component = { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component' };

/** What the kustomization may hold beside its resources; in old forms as well as in new ones. */
const fields: readonly object[] = [
  { namePrefix: 'own-' },
  { nameSuffix: '-own' },
  { namespace: 'own' },
  { images: [{ name: 'nginx', newName: 'mirror/nginx', newTag: '1' }] },
  { imageTags: [{ name: 'nginx', newTag: 'old' }] },
  { commonLabels: { team: 'own' } },
  { labels: [{ pairs: { team: 'own' }, includeTemplates: true }] },
  { labels: [{ pairs: { tier: 'own' }, includeSelectors: true }] },
  { commonAnnotations: { note: 'own' } },
  { components: ['../parts/a'] },
  { replicas: [{ name: 'web', count: 2 }] },
  { configMapGenerator: [{ name: 'settings', literals: ['a=1', 'b=two'] }] },
  {
    secretGenerator: [{ name: 'hidden', literals: ['a=1'] }],
    generatorOptions: { disableNameSuffixHash: true },
  },
  { patches: [{ target: { kind: 'Deployment' }, patch: '- {op: add, path: /spec/paused, value: true}' }] },
  { patchesStrategicMerge: ['patch.yaml'] },
  { buildMetadata: ['originAnnotations'] },
];

const common: TreeFiles = {
  'base/kustomization.yaml': stringify({ resources: ['web.yaml', 'service.yaml'] }),
  'base/web.yaml': stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [{ name: 'web', image: 'nginx:1.27' }],
          initContainers: [{ name: 'init', image: 'registry.test:5000/tools/init@sha256:11' }],
        },
      },
    },
  }),
  'base/service.yaml': stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  }),
  'app/patch.yaml': stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { minReadySeconds: 7 },
  }),
  'parts/a/kustomization.yaml': stringify({ ...component, commonAnnotations: { part: 'a' } }),
  'parts/b/kustomization.yaml': stringify({ ...component, namePrefix: 'b-', resources: ['extra.yaml'] }),
  'parts/b/extra.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n',
};

/** Files that only the tool can read, or reads in its own way, behind the rest. */
const oddities = [
  '',
  '# a comment\n',
  '\nnamePrefix: twice-\nnamePrefix: again-\n',
  '\ncommonAnnotations:\n  long: "one\ntwo"\n',
];

const label = fc.constantFrom('a', 'x1', 'v1.2', 'team_a', '');
const image = fc.constantFrom(
  'nginx:1.28',
  'nginx=mirror.test/nginx',
  'nginx=mirror.test:5000/nginx:2',
  `nginx@sha256:${'a'.repeat(64)}`,
  `nginx:1.28@sha256:${'b'.repeat(64)}`,
  'nginx=*:3',
  'registry.test:5000/tools/init:new',
  'other=x/other:1',
  'nginx',
);
const patches = [
  { target: { kind: 'Deployment' }, patch: '- {op: replace, path: /spec/minReadySeconds, value: 3}' },
  { target: { kind: 'Service', name: '.*' }, patch: '- {op: add, path: /spec/type, value: NodePort}' },
  { patch: '{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {sessionAffinity: ClientIP}}' },
  { path: 'patch.yaml' },
];

const options: fc.Arbitrary<KustomizeSource> = fc.record(
  {
    namePrefix: fc.constantFrom('p-', '-odd', ''),
    nameSuffix: fc.constantFrom('-s', ''),
    namespace: fc.constantFrom('there', ''),
    images: fc.array(image, { maxLength: 2 }),
    replicas: fc.array(fc.record({ name: fc.constantFrom('web', 'gone'), count: fc.nat(5) }), {
      maxLength: 1,
    }),
    commonLabels: fc.dictionary(fc.constantFrom('team', 'tier'), label, { maxKeys: 2 }),
    commonAnnotations: fc.dictionary(
      fc.constantFrom('note', 'test/x'),
      fc.constantFrom('a', 'a,b', 'a:b', 'yes', '1', ' ', "it's"),
      { maxKeys: 2 },
    ),
    forceCommonLabels: fc.boolean(),
    forceCommonAnnotations: fc.boolean(),
    labelWithoutSelector: fc.boolean(),
    labelIncludeTemplates: fc.boolean(),
    patches: fc.subarray(patches, { maxLength: 2 }),
    components: fc.subarray(['../parts/a', '../parts/b', '../parts/*', '../parts/gone'], { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const kustomizations = fc.tuple(
  fc.subarray([...fields], { maxLength: 4 }),
  fc.constantFrom('bases', 'resources', 'resources'),
  fc.constantFrom(...oddities, '', '', ''),
  options,
);

/** Random kustomizations with random options; what a person types for them is the second half of each. */
export function randomKustomizeCases(seed: number, count: number): DifferentialCase[] {
  return fc.sample(kustomizations, { seed, numRuns: count }).map(([chosen, resources, odd, kustomize]) => ({
    files: {
      ...common,
      'app/kustomization.yaml': stringify(Object.assign({ [resources]: ['../base'] }, ...chosen)) + odd,
    },
    source: { kustomize },
    plain: [
      ...typed(kustomize).map((args): PlainRun => ({ tool: 'kustomize', args: ['edit', ...args] })),
      { tool: 'kustomize', args: ['build', '.'] },
    ],
  }));
}

function typed(options: KustomizeSource): string[][] {
  const { namePrefix, nameSuffix, namespace, images = [], replicas = [], components = [] } = options;
  const pairs = (of: Readonly<Record<string, string>> = {}) =>
    Object.entries(of).map(([key, value]) => `${key}:${value}`);
  const [labels, annotations] = [pairs(options.commonLabels), pairs(options.commonAnnotations)];
  return [
    ...(namePrefix ? [['set', 'nameprefix', '--', namePrefix]] : []),
    ...(nameSuffix ? [['set', 'namesuffix', '--', nameSuffix]] : []),
    ...(images.length > 0 ? [['set', 'image', ...images]] : []),
    ...(replicas.length > 0
      ? [['set', 'replicas', ...replicas.map(({ name, count }) => `${name}=${count}`)]]
      : []),
    ...(labels.length > 0
      ? [
          [
            ...['add', 'label', ...labels],
            ...(options.forceCommonLabels ? ['-f'] : []),
            ...(options.labelWithoutSelector ? ['--without-selector'] : []),
            ...(options.labelIncludeTemplates ? ['--include-templates'] : []),
          ],
        ]
      : []),
    ...(annotations.length > 0
      ? [['add', 'annotation', ...annotations, ...(options.forceCommonAnnotations ? ['-f'] : [])]]
      : []),
    ...(namespace ? [['set', 'namespace', namespace]] : []),
    ...(options.patches ?? []).map(({ path, patch = '', target = {} }) => [
      ...['add', 'patch', ...(path === undefined ? ['--patch', patch] : ['--path', path])],
      ...(target.kind === undefined ? [] : ['--kind', target.kind]),
      ...(target.name === undefined ? [] : ['--name', target.name]),
    ]),
    ...(components.length > 0 ? [['add', 'component', ...components]] : []),
  ];
}
