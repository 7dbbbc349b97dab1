import fc from 'fast-check';
import { stringify } from 'yaml';
import type { RenderTools } from '../../../activities/render/render.ts';
import type { HelmParameter, HelmSource } from '../../../core/application/source/source-spec.ts';
import type { TreeFiles } from '../render/render-files.ts';
import type { SourceOptions } from '../render/render-source.ts';

/** One command of the plain tools, in the folder `app`. */
export type PlainRun = { readonly tool: keyof RenderTools; readonly args: readonly string[] };

/** A source, its files, and what a person types to get the same: the output of the last command counts. */
export type DifferentialCase = {
  readonly files: TreeFiles;
  readonly source: SourceOptions;
  readonly plain: readonly PlainRun[];
};

const telling = `apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-{{ .Chart.Name }}, namespace: {{ .Release.Namespace }}}
data:
  values: {{ toJson .Values | quote }}
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  has: {{ .Capabilities.APIVersions.Has "example.com/v1/Widget" | quote }}
  files: {{ .Files.Get "notes.txt" | quote }}
  release: {{ toJson .Release | quote }}
`;

const common: TreeFiles = {
  'app/Chart.yaml': stringify({
    apiVersion: 'v2',
    name: 'app',
    version: '1.0.0',
    dependencies: [
      { name: 'sub', version: '*', condition: 'sub.enabled', alias: 'first' },
      { name: 'sub', version: '*', tags: ['second'], alias: 'second' },
    ],
  }),
  'app/values.yaml': stringify({
    ...{ a: 'chart', list: ['one', 'two'], map: { x: 1, y: 2 }, big: 9007199254740993n, empty: null },
    ...{ sub: { enabled: true }, tags: { second: false }, global: { g: 'chart' } },
  }),
  'app/templates/telling.yaml': telling,
  'app/templates/tests/test.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: test, annotations: {helm.sh/hook: test}}\n',
  'app/crds/widget.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\n',
  'app/notes.txt': 'one, two\n{three} \\four',
  'app/first.yaml': 'a: first\nmap: {x: first}\nlist: [first]\n',
  'app/second.yaml': 'a: second\nmap: null\nglobal: {g: second, h: 0x10}\n',
  'app/third.yaml': 'first: {v: third}\nsub: {enabled: false}\ntags: {second: true}\n',
  'app/charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 0.1.0\n',
  'app/charts/sub/values.yaml': 'v: own\n',
  'app/charts/sub/templates/telling.yaml': telling,
  'shared/values.yaml': 'a: shared\nlist: []\n',
};
const schema = JSON.stringify({ properties: { a: { type: 'string' } } });

const parameter: fc.Arbitrary<HelmParameter> = fc.record(
  {
    name: fc.constantFrom(
      'a',
      'map.x',
      'map.new',
      'list[0]',
      'list',
      'first.v',
      'tags.second',
      'key\\.dot',
      'empty',
    ),
    value: fc.constantFrom(
      'v',
      '1',
      'true',
      'null',
      '',
      '{x,y}',
      'a,b',
      'a\\,b',
      'x=y',
      '007',
      '1e3',
      '12345678901',
    ),
    forceString: fc.boolean(),
  },
  { requiredKeys: ['name'] },
);

const options: fc.Arbitrary<HelmSource> = fc.record(
  {
    releaseName: fc.constantFrom('other', ''),
    namespace: fc.constantFrom('elsewhere', ''),
    valueFiles: fc.array(
      fc.constantFrom('first.yaml', 'second.yaml', 'third.yaml', '../shared/values.yaml', 'gone.yaml'),
      {
        maxLength: 4,
      },
    ),
    ignoreMissingValueFiles: fc.boolean(),
    values: fc.constantFrom('a: inline\nlist: [x]\n', 'map: {z: 08, s: "1"}\n', 'first: null\n', ''),
    valuesObject: fc.constantFrom({ a: 'object', map: { x: null } }, { a: 1.5, n: 12345678901 }),
    parameters: fc.array(parameter, { maxLength: 3 }),
    fileParameters: fc.array(
      fc.record({ name: fc.constantFrom('a', 'map.file'), path: fc.constant('notes.txt') }),
      {
        maxLength: 1,
      },
    ),
    skipCrds: fc.boolean(),
    skipTests: fc.boolean(),
    skipSchemaValidation: fc.boolean(),
    kubeVersion: fc.constantFrom('1.30.0', 'v1.31.2+k3s1'),
    apiVersions: fc.constantFrom(['example.com/v1/Widget'], []),
  },
  { requiredKeys: [] },
);

/** Random options of a chart; what a person types for them is the second half of each. */
export function randomHelmCases(seed: number, count: number): DifferentialCase[] {
  const cases = fc.tuple(options, fc.boolean());
  return fc.sample(cases, { seed, numRuns: count }).map(([helm, hasSchema]) => ({
    files: {
      ...common,
      ...(hasSchema ? { 'app/values.schema.json': schema } : {}),
      // What a person types inline is a file too.
      'inline/values.yaml':
        helm.valuesObject === undefined ? (helm.values ?? '') : JSON.stringify(helm.valuesObject),
    },
    source: { helm },
    plain: [{ tool: 'helm', args: typed(helm) }],
  }));
}

function typed(helm: HelmSource): string[] {
  const known = (file: string) => helm.ignoreMissingValueFiles !== true || file !== 'gone.yaml';
  return [
    ...['template', helm.releaseName || 'demo', '.', '-n', helm.namespace || 'target'],
    ...(helm.valueFiles ?? []).filter(known).flatMap((file) => ['-f', file]),
    ...['-f', '../inline/values.yaml'],
    ...(helm.parameters ?? []).flatMap(({ name, value = '', forceString }) => [
      forceString ? '--set-string' : '--set',
      `${name}=${isList(value) ? value : value.replaceAll(/\\?,/g, '\\,')}`,
    ]),
    ...(helm.fileParameters ?? []).flatMap(({ name, path }) => ['--set-file', `${name}=${path}`]),
    ...(helm.skipCrds ? [] : ['--include-crds']),
    ...(helm.skipTests ? ['--skip-tests'] : []),
    ...(helm.skipSchemaValidation ? ['--skip-schema-validation'] : []),
    ...(helm.kubeVersion ? ['--kube-version', helm.kubeVersion.replace(/\+.*/, '')] : []),
    ...(helm.apiVersions ?? []).flatMap((one) => ['-a', one]),
  ];
}

function isList(value: string): boolean {
  return value.startsWith('{') && value.endsWith('}');
}
