import { describe } from 'vitest';
import { fillPlaceholders } from '../../../core/appset/fasttemplate.ts';
import { formatIssue } from '../../../core/issue.ts';
import { encodedDataProblem } from '../../../core/object/encoded-data.ts';
import { parseJson } from '../../../core/object/json.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest.ts';
import { readManifests } from '../../../core/object/read-manifests.ts';
import { objectOptionWarnings, optionWarnings } from '../../../core/sync/option-places.ts';
import { waveProblem } from '../../../core/sync/wave.ts';
import { followEach, problemsOf } from '../../support/remedies.ts';

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
        'sync option Force=true has no effect on a Namespace, which is never recreated by a sync; remove it',
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
