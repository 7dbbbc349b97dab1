import { beforeAll, describe } from 'vitest';
import type { RenderTools } from '../../../../activities/render/render.ts';
import { type Followed, followEach, problemsOf } from '../../../support/hostile/remedies.ts';
import { renderTree, type TreeFiles } from '../../../support/render/render-files.ts';
import { renderSandbox, type SourceOptions } from '../../../support/render/render-source.ts';
import { renderTools } from '../../../support/render/render-tools.ts';

let tools: RenderTools;

beforeAll(async () => {
  tools = await renderTools();
});

type Input = readonly [files: TreeFiles, source?: SourceOptions];

const problemsOfRender = ([files, source]: Input): Promise<string[]> =>
  problemsOf(() => renderTree(files, { tools, sandbox: renderSandbox }, source));

const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

describe.concurrent('a source with a path', () => {
  followEach<Input>(problemsOfRender, [
    [
      'the source has no path; set path, `.` for the root',
      [{ 'a.yaml': map }, { path: '' }],
      [{ 'a.yaml': map }, { path: '.' }],
    ],
    [
      'app path leads out of the repository; use a path relative to its root',
      [{ 'app/a.yaml': map }, { path: '../app' }],
      [{ 'app/a.yaml': map }],
    ],
    [
      'app path does not exist; correct path or push the folder',
      [{ 'app/a.yaml': map }, { path: 'ap' }],
      [{ 'app/a.yaml': map }],
    ],
    [
      'app path does not exist; correct path or push the folder',
      [{ 'a.yaml': map }],
      [{ 'app/a.yaml': map }],
    ],
    [
      'app/a.yaml: app path is not a directory; use the folder it is in',
      [{ 'app/a.yaml': map }, { path: 'app/a.yaml' }],
      [{ 'app/a.yaml': map }],
    ],
    [
      'app/b.yaml: the symlink leads out of the repository; replace it by the file',
      [{ 'app/a.yaml': map, 'app/b.yaml': { link: '/etc/hostname' } }],
      [{ 'app/a.yaml': map, 'app/b.yaml': map.replace('name: a', 'name: b') }],
    ],
    [
      'the symlink leads out of the repository; replace it by the file',
      [{ 'app/a.yaml': map, 'app/.argocd-source.yaml': { link: '/etc/hostname' } }],
      [{ 'app/a.yaml': map, 'app/.argocd-source.yaml': 'directory: {recurse: true}' }],
    ],
  ]);
});

const chart = (more: TreeFiles = {}): TreeFiles => ({
  'app/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
  'app/templates/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n',
  ...more,
});
const schema = { 'app/values.schema.json': '{"properties": {"a": {"type": "number"}}}' };
const depending = (repository: string): TreeFiles =>
  chart({
    'app/Chart.yaml': `apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies: [{name: sub, version: 1.0.0, repository: "${repository}"}]\n`,
  });
const sub = { 'app/charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n' };
const withValues = (...valueFiles: string[]) => ({ helm: { valueFiles } });
const values: TreeFiles = { 'app/values-prod.yaml': 'a: 1\n' };

describe.concurrent('a chart', () => {
  followEach<Input>(problemsOfRender, [
    [
      'run `helm dependency build` and commit charts/',
      [depending('https://charts.example.com')],
      [{ ...depending('https://charts.example.com'), ...sub }],
    ],
    [
      'set helm.releaseName to at most 53 lower-case characters',
      [chart(), { helm: { releaseName: 'a'.repeat(54) } }],
      [chart(), { helm: { releaseName: 'a'.repeat(53) } }],
    ],
    [
      'set helm.releaseName to at most 53 lower-case characters',
      [chart(), { helm: { releaseName: 'Web' } }],
      [chart(), { helm: { releaseName: 'web' } }],
    ],
    [
      "correct the values to fit the chart's schema",
      [chart(schema), { helm: { values: 'a: text' } }],
      [chart(schema), { helm: { values: 'a: 1' } }],
    ],
    [
      'correct the named template or its values and push',
      [chart({ 'app/templates/b.yaml': '{{ if }}' })],
      [chart({ 'app/templates/b.yaml': '{{ if false }}{{ end }}' })],
    ],
    [
      'correct the named template or its values and push',
      [chart({ 'app/templates/b.yaml': '{{ .Values.a.b }}' })],
      [chart({ 'app/templates/b.yaml': '{{ .Values.a.b }}', 'app/values.yaml': 'a: {b: ""}' })],
    ],
    [
      'values-pro.yaml does not exist; correct the path or set ignoreMissingValueFiles',
      [chart(values), withValues('values-pro.yaml')],
      [chart(values), withValues('values-prod.yaml')],
    ],
    [
      'values-pro.yaml does not exist; correct the path or set ignoreMissingValueFiles',
      [chart(values), withValues('values-pro.yaml')],
      [chart(values), { helm: { valueFiles: ['values-pro.yaml'], ignoreMissingValueFiles: true } }],
    ],
    [
      'leads out of the repository; use a path inside it',
      [chart(values), withValues('../../values.yaml')],
      [chart(values), withValues('values-prod.yaml')],
    ],
    [
      'value file b.yaml leads out of the repository; use a path inside it',
      [chart({ 'app/b.yaml': { link: '/etc/hostname' } }), withValues('b.yaml')],
      [chart(values), withValues('values-prod.yaml')],
    ],
    [
      'values file glob "v/*.yaml" matched no files; correct the pattern or set ignoreMissingValueFiles',
      [chart(values), withValues('v/*.yaml')],
      [chart(values), withValues('values-*.yaml')],
    ],
    [
      'values file glob "v/*.yaml" matched no files; correct the pattern or set ignoreMissingValueFiles',
      [chart(values), withValues('v/*.yaml')],
      [chart(values), { helm: { valueFiles: ['v/*.yaml'], ignoreMissingValueFiles: true } }],
    ],
    [
      'run helm template on the same commit to see it locally, fix the source and push',
      [chart({ 'app/templates/b.yaml': '{{ fail "no" }}' })],
      [chart()],
    ],
  ]);
});

const kustomization = (text: string, more: TreeFiles = {}): TreeFiles => ({
  'app/kustomization.yaml': text,
  'app/a.yaml': map,
  ...more,
});
const plain = 'resources: [a.yaml]\n';
const workload = (image: string): TreeFiles => ({
  'app/a.yaml': `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: ${image}}]}}}\n`,
});
const component = {
  'parts/one/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: x-\n',
};

describe.concurrent('a kustomization', () => {
  followEach<Input>(problemsOfRender, [
    [
      'remove it there or set forceCommonLabels',
      [kustomization(`${plain}commonLabels: {x: one}\n`), { kustomize: { commonLabels: { x: 'two' } } }],
      [kustomization(plain), { kustomize: { commonLabels: { x: 'two' } } }],
    ],
    [
      'remove it there or set forceCommonLabels',
      [kustomization(`${plain}commonLabels: {x: one}\n`), { kustomize: { commonLabels: { x: 'two' } } }],
      [
        kustomization(`${plain}commonLabels: {x: one}\n`),
        { kustomize: { commonLabels: { x: 'two' }, forceCommonLabels: true } },
      ],
    ],
    [
      'remove it there or set forceCommonAnnotations',
      [
        kustomization(`${plain}commonAnnotations: {x: one}\n`),
        { kustomize: { commonAnnotations: { x: 'two' } } },
      ],
      [kustomization(plain), { kustomize: { commonAnnotations: { x: 'two' } } }],
    ],
    [
      'remove it there or set forceCommonAnnotations',
      [
        kustomization(`${plain}commonAnnotations: {x: one}\n`),
        { kustomize: { commonAnnotations: { x: 'two' } } },
      ],
      [
        kustomization(`${plain}commonAnnotations: {x: one}\n`),
        { kustomize: { commonAnnotations: { x: 'two' }, forceCommonAnnotations: true } },
      ],
    ],
    ...['name=new:tag', 'name:tag', `name@sha256:${'a'.repeat(64)}`].map(
      (image): Followed<Input> => [
        'write kustomize.images as name=new:tag, name:tag or name@digest',
        [kustomization(plain, workload('name')), { kustomize: { images: ['name'] } }],
        [kustomization(plain, workload('name')), { kustomize: { images: [image] } }],
      ],
    ),
    [
      'correct kustomize.components, or set ignoreMissingComponents',
      [kustomization(plain, component), { kustomize: { components: ['../parts/two'] } }],
      [kustomization(plain, component), { kustomize: { components: ['../parts/one'] } }],
    ],
    [
      'correct kustomize.components, or set ignoreMissingComponents',
      [kustomization(plain, component), { kustomize: { components: ['../parts/two'] } }],
      [
        kustomization(plain, component),
        { kustomize: { components: ['../parts/two'], ignoreMissingComponents: true } },
      ],
    ],
    [
      'component ../../two leads out of the repository; use a path inside it',
      [kustomization(plain, component), { kustomize: { components: ['../../two'] } }],
      [kustomization(plain, component), { kustomize: { components: ['../parts/one'] } }],
    ],
    [
      'the folder has no kustomization.yaml; add one or remove the kustomize options',
      [{ 'app/a.yaml': map }, { kustomize: { namePrefix: 'x-' } }],
      [kustomization(plain), { kustomize: { namePrefix: 'x-' } }],
    ],
    [
      'the folder has no kustomization.yaml; add one or remove the kustomize options',
      [{ 'app/a.yaml': map }, { kustomize: { namePrefix: 'x-' } }],
      [{ 'app/a.yaml': map }],
    ],
    [
      'app/kustomization.yaml: the symlink leads to no file of the repository; replace it by the file',
      [
        kustomization(plain, { 'app/kustomization.yaml': { link: '/etc/hostname' } }),
        { kustomize: { namePrefix: 'x-' } },
      ],
      [kustomization(plain), { kustomize: { namePrefix: 'x-' } }],
    ],
    [
      "kustomize replicas of a: 'few' is not a count; write a whole number",
      [kustomization(plain, workload('name')), { kustomize: { replicas: [{ name: 'a', count: 'few' }] } }],
      [kustomization(plain, workload('name')), { kustomize: { replicas: [{ name: 'a', count: 2 }] } }],
    ],
    [
      'kustomize version v1 is not registered; set kustomize.path.v1 in argocd-cm, or ask for one that is (none)',
      [kustomization(plain), { kustomize: { version: 'v1' } }],
      [kustomization(plain), { kustomize: {} }],
    ],
    [
      'files must be in or below the folder of their kustomization; refer to a folder with one instead',
      [kustomization('resources: [../b.yaml]\n', { 'b.yaml': map })],
      [
        kustomization('resources: [../b]\n', {
          'b/kustomization.yaml': 'resources: [b.yaml]\n',
          'b/b.yaml': map,
        }),
      ],
    ],
    [
      'plugins that start programs are not run; generate the objects before committing',
      [
        kustomization('generators: [g.yaml]\n', {
          'app/g.yaml':
            'apiVersion: v1\nkind: Made\nmetadata: {name: g, annotations: {config.kubernetes.io/function: "exec: {path: ./make}"}}\n',
          'app/make': '#!/bin/sh\necho',
        }),
      ],
      [kustomization(plain)],
    ],
    [
      'add the missing file or correct its path',
      [kustomization('resources: [b.yaml]\n')],
      [kustomization('resources: [b.yaml]\n', { 'app/b.yaml': map })],
    ],
    [
      'add the missing file or correct its path',
      [kustomization('resources: [b.yaml]\n')],
      [kustomization(plain)],
    ],
    [
      'leads out of the repository; refer to a folder inside it',
      [kustomization('resources: [../../b]\n')],
      [
        kustomization('resources: [../b]\n', {
          'b/kustomization.yaml': 'resources: [b.yaml]\n',
          'b/b.yaml': map,
        }),
      ],
    ],
  ]);
});

const jsonnet = (text: string, more: TreeFiles = {}): TreeFiles => ({ 'app/a.jsonnet': text, ...more });
const withJsonnet = (options: NonNullable<SourceOptions['directory']>['jsonnet']): SourceOptions => ({
  directory: { jsonnet: options },
});
const object = (name: string) => `{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: ${name}}}`;

describe.concurrent('a Jsonnet file', () => {
  followEach<Input>(problemsOfRender, [
    [
      'set it in directory.jsonnet.extVars',
      [jsonnet(object("std.extVar('x')"))],
      [jsonnet(object("std.extVar('x')")), withJsonnet({ extVars: [{ name: 'x', value: 'a' }] })],
    ],
    [
      'set it in directory.jsonnet.tlas',
      [jsonnet(`function(x) ${object('x')}`)],
      [jsonnet(`function(x) ${object('x')}`), withJsonnet({ tlas: [{ name: 'x', value: 'a' }] })],
    ],
    [
      "correct the path or add its folder to directory.jsonnet.libs, written from the repository's root",
      [jsonnet("(import 'a.libsonnet')", { 'libs/a.libsonnet': object("'a'") })],
      [jsonnet("(import '../libs/a.libsonnet')", { 'libs/a.libsonnet': object("'a'") })],
    ],
    [
      "correct the path or add its folder to directory.jsonnet.libs, written from the repository's root",
      [jsonnet("(import 'a.libsonnet')", { 'libs/a.libsonnet': object("'a'") })],
      [
        jsonnet("(import 'a.libsonnet')", { 'libs/a.libsonnet': object("'a'") }),
        withJsonnet({ libs: ['libs'] }),
      ],
    ],
    [
      'jsonnet library ../libs leads out of the repository; use a path inside it',
      [
        jsonnet("(import 'a.libsonnet')", { 'libs/a.libsonnet': object("'a'") }),
        withJsonnet({ libs: ['../libs'] }),
      ],
      [
        jsonnet("(import 'a.libsonnet')", { 'libs/a.libsonnet': object("'a'") }),
        withJsonnet({ libs: ['libs'] }),
      ],
    ],
  ]);
});

describe.concurrent('a file of a folder that cannot be read', () => {
  const unread = 'a: [b\n';
  const folder = (text: string): TreeFiles => ({ 'app/a.yaml': map, 'app/values.yaml': text });
  const advice =
    'correct it or, where it holds none, leave it out by directory.exclude or write +argocd:skip-file-rendering into it';
  followEach<Input>(
    async ([files, source]) => (await renderTree(files, { tools, sandbox: renderSandbox }, source)).warnings,
    [
      [advice, [folder(unread)], [folder(map.replace('name: a', 'name: b'))]],
      [advice, [folder(unread)], [folder(unread), { directory: { exclude: 'values.yaml' } }]],
      [advice, [folder(unread)], [folder(`# +argocd:skip-file-rendering\n${unread}`)]],
    ],
  );
});
