import { describe } from 'vitest';
import { overrideSource } from '../../../../core/application/source/source-overrides.ts';
import { fillPlaceholders } from '../../../../core/appset/fasttemplate.ts';
import { formatIssue } from '../../../../core/issue.ts';
import { parseJson } from '../../../../core/object/json/json.ts';
import { jsonPatch } from '../../../../core/object/json/json-patch.ts';
import { encodedDataProblem } from '../../../../core/object/manifest/encoded-data.ts';
import { keyOf, type Manifest } from '../../../../core/object/manifest/manifest.ts';
import { readDirectoryFile, readManifests } from '../../../../core/object/manifest/read-manifests.ts';
import { passedOverWarning } from '../../../../core/render-trust.ts';
import { hookTypes } from '../../../../core/sync/options/hook.ts';
import { objectOptionWarnings, optionWarnings } from '../../../../core/sync/options/option-places.ts';
import { waveProblem } from '../../../../core/sync/options/wave.ts';
import { chooseDesired } from '../../../../core/sync/plan/desired-set.ts';
import { planSync } from '../../../../core/sync/plan/plan-sync.ts';
import { base, desired } from '../../../../core/sync/plan/plan-sync-cases.ts';
import { type Followed, followEach, problemsOf } from '../../../support/hostile/remedies.ts';

const whole = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

describe('a manifest', () => {
  followEach(
    (text) => readManifests(text, 'a.yaml').issues.map(formatIssue),
    [
      ['is not a Kubernetes object; write fields such as apiVersion and kind', '- a', whole],
      ['has no kind; add it', 'apiVersion: v1\nmetadata: {name: a}\n', whole],
      [
        'kind must be a text; put it in quotes',
        whole.replace('ConfigMap', '1'),
        whole.replace('ConfigMap', '"1"'),
      ],
      [
        'kind has a character that no name can have; take it out',
        whole.replace('ConfigMap', '"Config\\0Map"'),
        whole,
      ],
      ['has no metadata; add metadata with a name', whole.replace('metadata: {name: a}', ''), whole],
      [
        'metadata.name must be a text; put it in quotes',
        whole.replace('name: a', 'name: 1'),
        whole.replace('name: a', 'name: "1"'),
      ],
      [
        'metadata.name has a character that no name can have; take it out',
        whole.replace('name: a', 'name: "a\\0"'),
        whole,
      ],
      [
        'metadata.labels must be a map of texts; check its indentation',
        whole.replace('{name: a}', '\n  name: a\n  labels: web'),
        whole.replace('{name: a}', '\n  name: a\n  labels:\n    app: web'),
      ],
      [
        'metadata.labels["app"] must be a text; put it in quotes',
        whole.replace('{name: a}', '{name: a, labels: {app: 1}}'),
        whole.replace('{name: a}', '{name: a, labels: {app: "1"}}'),
      ],
    ],
  );
});

const data = (kind: string, fields: object): Manifest => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a' },
  ...fields,
});

describe('bytes of a Secret or ConfigMap', () => {
  followEach(
    (manifest) => [encodedDataProblem(manifest) ?? []].flat(),
    [
      [
        'is no base64; encode it, or put the plain text under stringData',
        data('Secret', { data: { a: 'plain text' } }),
        data('Secret', { data: { a: btoa('plain text') } }),
      ],
      [
        'is no base64; encode it, or put the plain text under stringData',
        data('Secret', { data: { a: 'plain text' } }),
        data('Secret', { stringData: { a: 'plain text' } }),
      ],
      [
        'is no base64; encode it, or put the plain text under data',
        data('ConfigMap', { binaryData: { a: 'plain text' } }),
        data('ConfigMap', { data: { a: 'plain text' } }),
      ],
      [
        'is no text; put it in quotes',
        data('Secret', { stringData: { a: 1 } }),
        data('Secret', { stringData: { a: '1' } }),
      ],
    ],
  );
});

describe('a number in JSON', () => {
  followEach(
    (text) => problemsOf(() => parseJson(text)),
    [
      [
        'a number is beyond what a 64-bit float holds; write it as text, or a smaller one',
        '{"a": 1e999}',
        '{"a": "1e999"}',
      ],
      [
        'a number is beyond what a 64-bit float holds; write it as text, or a smaller one',
        '{"a": 1e999}',
        '{"a": 1e99}',
      ],
    ],
  );
});

const annotated = (annotations: Record<string, string>, kind = 'ConfigMap'): Manifest => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a', annotations },
});

const wave = 'argocd.argoproj.io/sync-wave';
const options = 'argocd.argoproj.io/sync-options';

describe('a wave', () => {
  followEach(
    (manifest) => [waveProblem(manifest) ?? []].flat(),
    [
      [
        `${wave} "first" is no whole number, wave 0 counts; write a number such as "5"`,
        annotated({ [wave]: 'first' }),
        annotated({ [wave]: '5' }),
      ],
    ],
  );
});

describe('a sync option on an object', () => {
  followEach(
    (manifest) => objectOptionWarnings(manifest, keyOf(manifest)),
    [
      [
        'Namespace a: sync option Force=true has no effect on a Namespace, which is never recreated by a sync; remove it',
        annotated({ [options]: 'Force=true' }, 'Namespace'),
        annotated({}, 'Namespace'),
      ],
      [
        'sync option CreateNamespace=true has no effect on an object; put it into spec.syncPolicy.syncOptions of the application',
        annotated({ [options]: 'CreateNamespace=true' }),
        annotated({}),
      ],
    ],
  );
});

describe('a sync option with a slip of the pen', () => {
  const known = 'sync option Prune=never has a value that is unknown, and no effect; write';
  followEach(optionWarnings, [
    [
      'sync option Prunelast=true is unknown and has no effect; write PruneLast=true if that was meant',
      ['Prunelast=true'],
      ['PruneLast=true'],
    ],
    ['sync option Quickly=true is unknown and has no effect; remove it', ['Quickly=true'], []],
    ...['true', 'false', 'confirm'].map(
      (word): Followed<string[]> => [
        `${known} Prune=true or Prune=false or Prune=confirm`,
        ['Prune=never'],
        [`Prune=${word}`],
      ],
    ),
  ]);
});

describe('a hook', () => {
  const hook = 'argocd.argoproj.io/hook';
  const policy = 'argocd.argoproj.io/hook-delete-policy';
  const unknown =
    'ConfigMap a: hook "Presync" is not known, the object is neither synced nor pruned; use PreSync, Sync, PostSync, SyncFail, Skip, PreDelete, PostDelete, or remove the annotation';
  const unknownPolicy =
    'ConfigMap a: hook delete policy "Never" is not known and has no effect; use BeforeHookCreation, HookSucceeded or HookFailed';
  followEach(
    (annotations: Record<string, string>) =>
      chooseDesired([{ manifest: annotated(annotations), namespaced: false }], '').findings.map(
        ({ message }) => message,
      ),
    [
      ...hookTypes.map(
        (word): Followed<Record<string, string>> => [unknown, { [hook]: 'Presync' }, { [hook]: word }],
      ),
      [unknown, { [hook]: 'Presync' }, {}],
      ...['BeforeHookCreation', 'HookSucceeded', 'HookFailed'].map(
        (word): Followed<Record<string, string>> => [
          unknownPolicy,
          { [hook]: 'PreSync', [policy]: 'Never' },
          { [hook]: 'PreSync', [policy]: word },
        ],
      ),
    ],
  );
});

describe('an object that has to be in a namespace', () => {
  const planned = (namespace: string, destinationNamespace: string): string[] => {
    const object = desired('ConfigMap', 'a', { namespace });
    const application = { ...base.application, destinationNamespace };
    const { plan } = planSync({ ...base, application, desired: [object] });
    return plan.steps.flatMap(({ note }) => note ?? []);
  };
  followEach(
    ([own, destination]: [own: string, destination: string]) => planned(own, destination),
    [
      ['has no namespace; set metadata.namespace or spec.destination.namespace', ['', ''], ['prod', '']],
      ['has no namespace; set metadata.namespace or spec.destination.namespace', ['', ''], ['', 'prod']],
    ],
  );
});

describe('a part of a manifest that kubectl passes over', () => {
  const behind =
    'stands behind the end of its document, where kubectl does not look; put --- before it, or remove it';
  followEach(
    (text) => readDirectoryFile(text, 'a.yaml').doubts.map(({ message }) => message),
    [
      [behind, `${whole}...\n${whole}`, `${whole}...\n---\n${whole}`],
      [behind, `${whole}...\n${whole}`, whole],
    ],
  );
});

describe('a part of an override file that nothing reads', () => {
  const file = '.argocd-source.yaml';
  const behind =
    '.argocd-source.yaml:3 stands behind the end of the document; remove it, or move it before. Nothing is pruned meanwhile, since it may say what to deploy';
  const source = { repoURL: 'https://git.example.com/apps.git', path: 'web' };
  const text = 'kustomize: {namePrefix: a-}\n';
  const more = 'targetRevision: main\n';
  followEach(
    (written) => {
      const { passedOver } = overrideSource(source, file, written);
      return passedOver === undefined ? [] : [passedOverWarning(file, passedOver)];
    },
    [
      [behind, `${text}...\n${more}`, text],
      [behind, `${text}...\n${more}`, `${text}${more}`],
    ],
  );
});

describe('a JSON patch', () => {
  const add = { op: 'add', path: '/a', value: 1 };
  followEach(
    (patch: object) => problemsOf(() => jsonPatch({ b: 1 }, [patch])),
    [
      [
        'names what is not there; correct the path',
        { op: 'remove', path: '/a' },
        { op: 'remove', path: '/b' },
      ],
      ['has no from; add it', { op: 'copy', path: '/a' }, { op: 'copy', path: '/a', from: '/b' }],
      ['has no value; add it', { op: 'add', path: '/a' }, add],
    ],
  );
});

describe('a sync option on an application', () => {
  followEach(
    ({ application, object }: { application: string[]; object: Record<string, string> }) => [
      ...optionWarnings(application),
      ...objectOptionWarnings(annotated(object), keyOf(annotated(object))),
    ],
    [
      [
        `sync option Force=true has no effect on an application; annotate the objects that it is for with ${options}: Force=true, or sync once with keelson app sync NAME --force`,
        { application: ['Force=true'], object: {} },
        { application: [], object: { [options]: 'Force=true' } },
      ],
      [
        'has no effect on an object; put it into spec.syncPolicy.syncOptions of the application',
        { application: [], object: { [options]: 'FailOnSharedResource=true' } },
        { application: ['FailOnSharedResource=true'], object: {} },
      ],
    ],
  );
});

describe('a placeholder', () => {
  followEach(
    (text) => problemsOf(() => fillPlaceholders(text, { a: 'b' })),
    [['a {{ has no }} after it; close it', '{{a}} {{b', '{{a}} {{b}}']],
  );
});
