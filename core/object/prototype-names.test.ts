import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePatchBetween } from '../action/merge-patch.ts';
import { restoreShape } from '../action/restore-shape.ts';
import { readApplication } from '../application/spec/read-application.ts';
import { formerFields } from '../apply/former-fields.ts';
import { mergePatch as clientMergePatch } from '../apply/merge-patch.ts';
import { hasChanged } from '../apply/patch-effect.ts';
import { strategicPatch } from '../apply/strategic-patch.ts';
import { withoutFormerFields } from '../diff/fields/former-fields.ts';
import { managedPaths } from '../diff/fields/managed-paths.ts';
import { carryRemovals } from '../diff/predict/carry-removals.ts';
import { provesEqual } from '../diff/predict/offline-equal.ts';
import { predictLocally } from '../diff/predict/three-way.ts';
import { withoutWebhookChanges } from '../diff/predict/webhook-changes.ts';
import { canonicalValues } from '../diff/rules/known-types.ts';
import { respectIgnored } from '../diff/rules/respect-ignored.ts';
import type { ObjectRules } from '../diff/rules/rules.ts';
import { maskPair } from '../diff/secrets/mask.ts';
import { ownField, setField } from '../own-field.ts';
import { readDocuments } from '../yaml/read.ts';
import { canonicalJson } from './json/canonical.ts';
import { valueAt } from './json/field.ts';
import { formatJson, parseJson } from './json/json.ts';
import { mergePatch } from './json/merge-patch.ts';
import { isFields } from './manifest/check-manifest.ts';
import type { Manifest } from './manifest/manifest.ts';

/** Names of fields as anybody may choose them, and what each is called in the other telling, in the same order. */
const renamed: readonly (readonly [plain: string, ofPrototype: string])[] = [
  ['conaa', 'constructor'],
  ['toaa', 'toString'],
  ['valaa', 'valueOf'],
  ['hasaa', 'hasOwnProperty'],
  ['__aa__', '__proto__'],
];

function rename(value: unknown): unknown {
  return parseJson(
    renamed.reduce((text, [plain, other]) => text.replaceAll(plain, other), canonicalJson(value ?? null)),
  );
}

/** The same with its fields in the order that renaming leaves them in. */
function inOrder(value: Manifest): Manifest {
  return parseJson(canonicalJson(value)) as Manifest;
}

const name = fc.constantFrom(...renamed.map(([plain]) => plain), 'x');
const { part } = fc.letrec<{ part: unknown }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<unknown>('t', 1, '', null),
    fc.dictionary(name, tie('part'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(fc.dictionary(name, tie('part'), { maxKeys: 2, noNullPrototype: true }), { maxLength: 2 }),
  ),
}));
const fields = fc.dictionary(name, part, { maxKeys: 5, noNullPrototype: true });
const texts = fc.dictionary(name, fc.constantFrom('t', 'u'), { maxKeys: 4, noNullPrototype: true });

/** The fields of a value as an API server writes them, lists as one value each. */
function fieldSet(value: unknown): unknown {
  if (!isFields(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [`f:${key}`, fieldSet(child)]));
}

const manager = 'keelson';
const manifest = fc
  .record({
    kind: fc.constantFrom('Widget', 'ConfigMap', 'Secret', 'Deployment'),
    annotations: texts,
    labels: texts,
    spec: fields,
    data: texts,
  })
  .map(({ kind, annotations, labels, spec, data }): Manifest => {
    const apiVersion = ownField({ Widget: 'example.com/v1', Deployment: 'apps/v1' }, kind) ?? 'v1';
    return { apiVersion, kind, metadata: { name: 'one', annotations, labels }, spec, data };
  });

/** A live object that somebody applied as it once was. */
const live = fc.tuple(manifest, manifest).map(([now, once]): Manifest => {
  const { apiVersion, kind, metadata, ...content } = once;
  const { labels, annotations } = metadata;
  const fieldsV1 = fieldSet({ ...content, metadata: { labels, annotations } });
  const entry = { manager, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1', fieldsV1 };
  return { ...now, apiVersion, kind, metadata: { ...now.metadata, managedFields: [entry] } };
});

const rules: ObjectRules = {
  jsonPointers: ['/spec/conaa', '/data/toaa'],
  jqPathExpressions: [],
  managers: [],
  knownTypeFields: [],
  ignoresAggregatedRules: false,
  ignoresStatus: true,
};
const owner = { manager, formerManagers: ['kubectl'] };
const former = { manager: 'other', formerManagers: [manager] };

/** Whatever reads fields by their names, over the same two objects. */
const readers: Readonly<Record<string, (desired: Manifest, live: Manifest, rename: Rename) => unknown>> = {
  'a local prediction': (desired, found) => predictLocally(desired, found, manager),
  'a proof of equality': (desired, found) => provesEqual(desired, found, owner),
  'a client-side merge patch': (desired, found) =>
    clientMergePatch(desired, { ...formerFields(found, () => true), live: found }),
  'a strategic merge patch': (desired, found) =>
    strategicPatch(desired.kind, { ...formerFields(found, () => true), live: found, desired }),
  'the patch between two objects': (desired, found) => mergePatchBetween(found, desired),
  'the effect of a patch': (desired, found) => hasChanged(desired, found, { ...found, ...desired }),
  'the shape of a script’s result': (desired, found) => restoreShape(desired, found),
  'the fields of former managers': (desired, found) => withoutFormerFields(desired, found, former),
  'the fields of a manager': (desired, found) => managedPaths(found, desired, [manager]),
  'carried removals': (desired, found) =>
    carryRemovals(desired, { live: found, pruned: { ...found, spec: desired['spec'] }, settled: desired }),
  'changes of webhooks': (desired, found) => withoutWebhookChanges(desired, found, manager),
  'canonical values': (desired) => canonicalValues(desired),
  'ignored fields': (desired, found, name) =>
    respectIgnored(desired, found, { ...rules, jsonPointers: name(rules.jsonPointers) as string[] }),
  'masked Secrets': (desired, found) => maskPair({ target: desired, live: found }),
};
type Rename = (value: unknown) => unknown;

describe('fields with the names of JavaScript’s prototype', () => {
  it.each(Object.entries(readers))('mean to %s what any others mean', (_name, read) => {
    fc.assert(
      fc.property(manifest, live, (desired, found) => {
        const plain = read(inOrder(desired), inOrder(found), (value) => value);
        const other = read(rename(desired) as Manifest, rename(found) as Manifest, rename);
        expect(canonicalJson(other)).toBe(canonicalJson(rename(plain)));
      }),
      { numRuns: 300 },
    );
  });

  it.each(['constructor', 'toString', 'valueOf', '__proto__', '__defineGetter__'])(
    'are no tags that YAML knows: %s',
    (word) => {
      expect(readDocuments(`a: !!${word} text`, 'manifests')).toMatchObject([{ value: { a: 'text' } }]);
    },
  );

  it.each(['__proto__', '\\u005f_proto__', '__pr\\u006fto__', '__PROTO__'])(
    'are fields as any others in JSON and in YAML: %s',
    (written) => {
      const fields = `"${written}": {"x": 1}, "constructor": "z"`;
      const one = parseJson(`{"a": 1, ${fields}}`);
      const texts = [
        [`{"data": [{"a": 1, ${fields}}]}`],
        [`data: [{"a": 1, ${fields}}]`],
        [`data:\n- a: 1\n  "${written}": {x: 1}\n  constructor: z`],
        [`data:\n- {"a": 1, <<: {${fields}}}`],
        [`x: &one {${fields}}\ndata:\n- {a: 1, <<: *one}`],
      ].flat();
      for (const text of texts) {
        const [read] = readDocuments(text, 'manifests');
        const value = read !== undefined && 'value' in read ? read.value : undefined;
        expect(canonicalJson(valueAt(value, 'data')), text).toBe(canonicalJson([one]));
      }
    },
  );

  it('may be any where somebody else reads them in the end, and are refused where a schema would drop them', () => {
    const application = (spec: string): unknown =>
      parseJson(
        `{"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "a"}, "spec":
          {"destination": {"name": "x"}, "source": {"repoURL": "https://git.example.com/a", "path": ".", ${spec}}}}`,
      );
    const kept = [
      '"helm":{"valuesObject":{"__proto__":{"a":{"__proto__":1}},"constructor":2}}',
      '"plugin":{"parameters":[{"map":{"__proto__":"x","toString":"y"}}]}',
    ];
    for (const spec of kept) expect(formatJson(readApplication(application(spec)).value)).toContain(spec);
    for (const spec of ['"__proto__":{"a":1}', '"kustomize":{"commonLabels":{"__proto__":"x"}}']) {
      const { issues = [] } = readApplication(application(spec));
      expect(issues).toMatchObject([{ message: 'is not allowed; rename it' }]);
    }
    for (const spec of ['"helm":{"valuesObject":[]}', '"plugin":{"parameters":[{"map":{"__proto__":1}}]}']) {
      const { issues = [] } = readApplication(application(spec));
      expect(issues).toMatchObject([{ message: expect.stringContaining('must be a') }]);
    }
  });

  it('merge by RFC 7386 as any others', () => {
    const target = { spec: { toString: { a: 1 } } };
    const patch = parseJson('{"spec":{"toString":{"b":2},"constructor":{"c":null}}}');
    expect(mergePatch(target, patch)).toEqual({ spec: { toString: { a: 1, b: 2 }, constructor: {} } });
  });

  it('are found where an object has them, and set as any other', () => {
    expect(ownField({}, 'constructor')).toBeUndefined();
    expect(ownField(undefined, 'constructor')).toBeUndefined();
    const target: Record<string, number> = {};
    for (const [, key] of renamed) setField(target, key, 1);
    expect(Object.keys(target)).toEqual(renamed.map(([, key]) => key));
    expect(renamed.map(([, key]) => ownField(target, key))).toEqual(renamed.map(() => 1));
  });
});
