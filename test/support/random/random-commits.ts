import fc from 'fast-check';
import { stringify } from 'yaml';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import type { FileContent, Files } from '../render/git-import.ts';

/**
 * A commit to one of two repositories: `lent` is the one whose files the other's sources borrow. A submodule's commit
 * is the position of one of `borrowedFiles`.
 */
export type RandomCommit = { readonly repository: 'main' | 'lent'; readonly files: Files };

const cm = (name: string, value: number): string =>
  stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value: String(value) } });

type Forms = Readonly<Record<string, readonly ((value: number) => FileContent)[]>>;

/** What each file may become; a number makes each content another one. */
const forms: Forms = {
  'plain/a.yaml': [(v) => cm('a', v)],
  'plain/b.yml': [(v) => cm('b', v), () => null],
  'plain/notes.md': [(v) => `notes ${v}`],
  'plain/deep/c.yaml': [(v) => cm('c', v)],
  'plain/deep/skipped.yaml': [(v) => cm('skipped', v)],
  'plain/link.yaml': [
    () => ({ symlink: '../shared/cm.yaml' }),
    () => ({ symlink: '../shared/other.yaml' }),
    () => null,
  ],
  'shared/cm.yaml': [(v) => cm('shared', v)],
  'shared/other.yaml': [(v) => cm('other', v), () => null],
  'base/kustomization.yaml': [
    () => stringify({ resources: ['cm.yaml'] }),
    () => stringify({ resources: ['cm.yaml', 'more'], namePrefix: 'p-' }),
  ],
  'base/cm.yaml': [(v) => cm('base', v)],
  'base/more/kustomization.yml': [
    () => stringify({ resources: ['../../shared/cm.yaml'] }),
    () => stringify({ resources: ['x.yaml'] }),
  ],
  'base/more/x.yaml': [(v) => cm('x', v)],
  'components/c/kustomization.yaml': [
    (v) =>
      stringify({
        apiVersion: 'kustomize.config.k8s.io/v1alpha1',
        kind: 'Component',
        configMapGenerator: [{ name: `generated-${v % 3}`, files: ['f.txt', 'k=g.txt'] }],
      }),
  ],
  'components/c/f.txt': [(v) => `f ${v}`],
  'components/c/g.txt': [(v) => `g ${v}`, () => ({ symlink: 'f.txt' })],
  'overlays/one/kustomization.yaml': [
    () => stringify({ resources: ['../../base'] }),
    () => stringify({ resources: ['../../base'], components: ['../../components/c'] }),
    () =>
      stringify({
        resources: ['../../base'],
        patches: [{ path: 'patch.yaml', target: { kind: 'ConfigMap' } }],
      }),
  ],
  'overlays/one/patch.yaml': [
    (v) => stringify([{ op: 'add', path: '/metadata/labels', value: { v: String(v) } }]),
  ],
  'overlays/two/kustomization.yaml': [() => stringify({ resources: ['own.yaml'] })],
  'overlays/two/own.yaml': [(v) => cm('own', v)],
  'web/Chart.yaml': [(v) => stringify({ apiVersion: 'v2', name: 'web', version: `0.0.${v}` })],
  'web/values.yaml': [(v) => stringify({ value: v })],
  'web/files/one.txt': [(v) => `one ${v}`],
  'web/files/two.txt': [(v) => `two ${v}`, () => null, () => ({ symlink: '../../shared/cm.yaml' })],
  'web/templates/cm.yaml': [
    (v) => `# ${v}
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
  value: {{ .Values.value | quote }}
  shared: {{ include "lib.word" . | quote }}
{{ (.Files.Glob "files/*").AsConfig | indent 2 }}
{{ with .Files.Glob "files/module/*.yaml" }}{{ .AsConfig | indent 2 }}{{ end }}
`,
  ],
  'web/charts/lib': [() => ({ symlink: '../../lib' })],
  'lib/Chart.yaml': [() => stringify({ apiVersion: 'v2', name: 'lib', version: '1.0.0', type: 'library' })],
  'lib/templates/_word.tpl': [(v) => `{{ define "lib.word" }}word ${v}{{ end }}`],
  'env/prod.yaml': [(v) => stringify({ value: v * 10 }), () => null],
  'sonnet/main.jsonnet': [
    () => `(import 'cm.libsonnet')('main')`,
    () => `local cm = import "cm.libsonnet"; [cm('main'), cm('second')]`,
  ],
  'sonnet/cm.libsonnet': [
    (v) => `function(name) {
      apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name },
      data: { value: '${v}', lib: (import 'lib.libsonnet').word, text: importstr '../shared/cm.yaml' },
    }`,
  ],
  'sonnet/unused.libsonnet': [(v) => `${v}`],
  'vendor/lib.libsonnet': [(v) => `{ word: '${v}' }`, () => ({ symlink: 'lib2.libsonnet' })],
  'vendor/lib2.libsonnet': [(v) => `{ word: 'second ${v}' }`],
  'overlays/two/.argocd-source-patched.yaml': [
    () => null,
    (v) => stringify({ kustomize: { nameSuffix: `-${v}` } }),
    () => stringify({ kustomize: { components: null } }),
  ],
  'README.md': [(v) => `readme ${v}`],
};

const lentForms: Forms = {
  'values/web.yaml': [
    () => ({ symlink: '../module/values.yaml' }),
    () => ({ symlink: '../module/values.yaml' }),
    (v) => stringify({ value: v * 100 }),
  ],
  'values/else.yaml': [(v) => stringify({ value: v })],
  '.gitmodules': [() => modulesAt({ module: '../borrowed' }), () => modulesAt({ module: '.././behind' })],
  module: [(v) => ({ submodule: String(v) })],
};

const wholeModules = modulesOf('../borrowed');
const faultyModules = modulesAt({ 'web/files/module': '../borrowed' });
const moved = (v: number): FileContent => ({ submodule: String(v) });

/** Submodules of the main repository, and the files that lead into them: each kind of source reads some. */
const moduleForms: Forms = {
  '.gitmodules': [
    () => wholeModules,
    () => faultyModules,
    () => modulesOf('.././borrowed/'),
    () => modulesOf('../behind'),
    () => modulesOf('../borrowed', { unused: '../gone' }),
  ],
  'vendor/module': [moved, moved, moved, moved, () => null],
  'vendor/module/plain/own.yaml': [() => null, () => null, (v) => cm('instead', v)],
  'plain/deep/module': [() => null, moved, () => null],
  'web/files/module': [() => null, moved, () => null],
  'plain/link.yaml': [
    () => ({ symlink: '../vendor/module/plain/own.yaml' }),
    ...(forms['plain/link.yaml'] ?? []),
  ],
  'overlays/one/kustomization.yaml': [
    () => stringify({ resources: ['../../base', '../../vendor/module/base'] }),
    () => stringify({ resources: ['../../base'], components: ['../../vendor/module/component'] }),
  ],
  'env/prod.yaml': [() => ({ symlink: '../vendor/module/values.yaml' }), (v) => stringify({ value: v })],
  'vendor/lib.libsonnet': [() => ({ symlink: 'module/lib.libsonnet' }), (v) => `{ word: '${v}' }`],
};

/** The commits that submodules may be at, in order; some change nothing of what others read. */
export const borrowedFiles: readonly Files[] = [...Array(10).keys()].map((v) => ({
  '.gitmodules': modulesAt({ nested: '../nested' }),
  nested: v % 4 === 1 ? { submodule: '0' } : null,
  'plain/own.yaml': cm('borrowed', Math.floor(v / 2)),
  'plain/nested.yaml': v % 4 === 1 ? { symlink: '../nested/cm.yaml' } : null,
  'base/kustomization.yaml': stringify({ resources: v % 4 === 1 ? ['cm.yaml', '../nested'] : ['cm.yaml'] }),
  'base/cm.yaml': cm('borrowed-base', v),
  'component/kustomization.yaml': stringify({
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
    commonAnnotations: { v: String(v) },
  }),
  'values.yaml': stringify({ value: v * 1000 }),
  'lib.libsonnet': `{ word: 'borrowed ${v}' }`,
}));

/** The repository that is a submodule of the submodule. */
export const nestedFiles: Files = {
  'kustomization.yaml': stringify({ resources: ['cm.yaml'] }),
  'cm.yaml': cm('nested', 1),
};

function modulesOf(url: string, more: Readonly<Record<string, string>> = {}): string {
  return modulesAt({ 'vendor/module': url, 'plain/deep/module': url, 'web/files/module': url, ...more });
}

function modulesAt(urls: Readonly<Record<string, string>>): string {
  const sections = Object.entries(urls);
  return sections.map(([path, url]) => `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`).join('');
}

/** The files that both repositories start with. */
export const firstFiles = { main: filesOf({ ...moduleForms, ...forms }), lent: filesOf(lentForms) };

function filesOf(from: Forms): Record<string, FileContent> {
  return Object.fromEntries(Object.entries(from).map(([path, [first]]) => [path, first?.(0) ?? null]));
}

/** Applications that read what the generated commits change, by name; each list is one application's sources. */
export function sourcesOver(
  main: string,
  lent: string,
): Readonly<Record<string, readonly ApplicationSource[]>> {
  const at = (path: string, more: Partial<ApplicationSource> = {}): ApplicationSource => ({
    repoURL: main,
    path,
    ...more,
  });
  const helm = { valueFiles: ['../env/prod.yaml'], ignoreMissingValueFiles: true };
  return {
    plain: [at('plain')],
    inside: [at('vendor/module/plain')],
    recursive: [at('plain', { directory: { recurse: true, exclude: '*skipped*' } })],
    sonnet: [at('sonnet', { directory: { jsonnet: { libs: ['vendor'] } } })],
    one: [at('overlays/one')],
    patched: [at('overlays/two', { kustomize: { namePrefix: 'x-', components: ['../../components/c'] } })],
    web: [at('web', { helm })],
    lent: [
      at('web', { helm: { valueFiles: ['$values/values/web.yaml'] } }),
      { repoURL: lent, ref: 'values' },
    ],
  };
}

/** What a commit is about; some change a submodule's address alone, or the commit of the lent one. */
const subjects = {
  main: { repository: 'main', from: Object.entries(forms) },
  modules: { repository: 'main', from: Object.entries(moduleForms) },
  addresses: {
    repository: 'main',
    from: Object.entries(moduleForms).filter(([path]) => path === '.gitmodules'),
  },
  lent: { repository: 'lent', from: Object.entries(lentForms) },
  lentModule: { repository: 'lent', from: Object.entries(lentForms).filter(([path]) => path === 'module') },
} as const;

/** The same commits for the same seed; each changes one to three files. */
export function randomCommits(seed: number, count: number): RandomCommit[] {
  const commit = fc
    .tuple(
      fc.constantFrom('main', 'main', 'main', 'modules', 'modules', 'addresses', 'lent', 'lentModule'),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 3 }),
    )
    .map(([subject, picks]): RandomCommit => {
      const { repository, from } = subjects[subject];
      const files = picks.map(([file, form, value]): [string, FileContent] => {
        const [path, ways] = from[file % from.length] ?? ['', []];
        return [path, ways[form % ways.length]?.(value) ?? null];
      });
      return { repository, files: Object.fromEntries(files) };
    });
  const commits = fc.sample(commit, { seed, numRuns: count });
  return commits.map((one, at) => {
    if (commits[at - 1]?.files['.gitmodules'] !== faultyModules || one.repository === 'lent') return one;
    // Where submodules can't be fetched little else is seen, so the next commit corrects it.
    return { ...one, files: { '.gitmodules': wholeModules, ...one.files } };
  });
}
