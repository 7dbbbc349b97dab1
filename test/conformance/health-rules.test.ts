import { describe, expect, it } from 'vitest';
import { healthStatuses } from '../../core/application/words.ts';
import { assessHealth, builtInKinds, crdRuleOf } from '../../core/health/assess.ts';
import { crdRules } from '../../core/health/crd/rules.ts';
import { shownHealth } from '../../core/health/health.ts';
import { assessByRule, type KindRule } from '../../core/health/kind-rule.ts';
import { isFields } from '../../core/object/manifest/check-manifest.ts';
import { groupOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { type HealthCase, readHealthCases } from './cases.ts';

const cases = readHealthCases();

/** One object of each kind that a rule of custom resources judges; a glob stands for a name of its own. */
const judged: readonly Manifest[] = crdRules
  .filter(({ checks }) => checks.length > 0)
  .flatMap(({ group, kinds }) =>
    kinds.map((kind) => ({
      apiVersion: `${group.replaceAll('*', 'example')}/v1`,
      kind: kind.replaceAll('*', 'Example'),
      metadata: { name: 'x', namespace: 'prod', generation: 1 },
      spec: { parentRefs: [{ name: 'gw' }] },
    })),
  );

/** The same for kinds of Kubernetes, of a version that their rules know. */
const builtIn: readonly Manifest[] = builtInKinds.map((name) => {
  const known = cases.find(
    ({ object }) => name === `${/^(?:(.*)\/)?/.exec(object.apiVersion)?.[1] ?? ''}/${object.kind}`,
  );
  return {
    apiVersion: known?.object.apiVersion ?? '',
    kind: known?.object.kind ?? '',
    metadata: { name: 'x' },
    spec: {},
  };
});

const every = [...judged, ...builtIn].map((object) => ({
  name: `${object.apiVersion} ${object.kind}`,
  object,
}));

function statusOf(object: Manifest): string {
  return shownHealth(assessHealth(object))?.status ?? 'none';
}

/** An object with a value instead of each text below its status, one at a time, with the path of that text. */
function* withText(
  value: unknown,
  replaced: string,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; value: unknown }> {
  if (typeof value === 'string') yield { path, value: replaced };
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    for (const change of withText(child, replaced, [...path, name])) {
      const copy = Array.isArray(value)
        ? value.with(Number(name), change.value)
        : { ...value, [name]: change.value };
      yield { path: change.path, value: copy };
    }
  }
}

/** Every whole number as the API server's JSON may bring it. */
function withBigints(value: unknown): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(withBigints);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, withBigints(child)]));
}

/** Groups whose controllers write the generation of the status with a success alone; their cases say what follows. */
const writtenBySuccess: ReadonlySet<string> = new Set(['kustomize.toolkit.fluxcd.io', 'rabbitmq.com']);

function casesOf(rule: KindRule): readonly HealthCase[] {
  return cases.filter(({ object }) => crdRuleOf(groupOf(object.apiVersion), object.kind) === rule);
}

/** Lists in which a status has an entry for each that the spec names: what is named no more may stay in them. */
const namedBySpec = ['parents', 'ancestors', 'listeners', 'aggregatedStatus'];

/** Cases of a list that their rule reads: without the list they have another health. */
function readingOf(rule: KindRule, list: string): readonly HealthCase[] {
  return casesOf(rule).filter(({ object, expected }) => {
    if (!isFields(object['status']) || !Array.isArray(object['status'][list])) return false;
    return statusOf({ ...object, status: { ...object['status'], [list]: [] } }) !== expected.status;
  });
}

const reading = crdRules.flatMap((rule) =>
  namedBySpec
    .filter((list) => readingOf(rule, list).length > 0)
    .map((list) => ({ name: `status.${list} of ${rule.group} ${rule.kinds.join(', ')}`, rule, list })),
);

/** Kinds whose earlier releases wrote something else, with their rule as if it did not read that. */
const writtenEarlier = crdRules.flatMap((rule) => {
  const { earlier } = rule;
  if (earlier === undefined) return [];
  const newest: KindRule = { ...rule, earlier: { ...earlier, checks: [] } };
  const kinds = rule.kinds.filter((kind) => !kind.includes('*'));
  return kinds.map((kind) => ({ name: `${rule.group} ${kind}`, rule, kind, newest }));
});

const emptyStatuses = [undefined, null, {}];
const brokenStatuses = [
  'text',
  [],
  7n,
  { conditions: null, phase: null, state: null, observedGeneration: null },
  { conditions: 'text', parents: 'text', listeners: 7, byPod: {}, instances: null },
  { conditions: [null, 'text', 7, [], {}, { type: 'Ready' }, { type: 7, status: true }] },
  { parents: [null, 'text', {}], ancestors: [{}], listeners: [null, {}], byPod: [null], instances: [{}] },
  { phase: 7n, state: {}, health: [], status: true, observedGeneration: 'text', replicas: '3' },
];

/** What failed, as objects of any kind may tell it: each alone. */
const failures = [
  { conditions: [{ type: 'Failed', status: 'True' }] },
  { conditions: [{ type: 'Stalled', status: 'True', message: 'gave up' }] },
  { conditions: [{ type: 'Ready', status: 'False', reason: 'ReconcileFailed' }] },
  { error: 'no quorum' },
  { errorMessage: 'no quorum' },
  { failureMessage: 'no quorum' },
  { phase: 'Failed' },
  { state: 'CreateFailed' },
];

describe('every health rule', () => {
  it.each(every)('waits for $name while its status is absent or empty', ({ object }) => {
    for (const status of emptyStatuses) {
      expect(healthStatuses).toContain(statusOf({ ...object, status }));
      expect(statusOf({ ...object, status })).not.toBe('Degraded');
    }
  });

  it.each(every)('gives $name a health whatever types its status has', ({ object }) => {
    for (const status of brokenStatuses) expect(healthStatuses).toContain(statusOf({ ...object, status }));
  });

  it.each(every.slice(0, judged.length))('takes no failure of $name for a state on the way', ({ object }) => {
    for (const status of failures)
      expect(statusOf({ ...object, status }), JSON.stringify(status)).toBe('Degraded');
  });

  it('says the same of whole numbers in either form', () => {
    const differing = cases.filter(
      ({ object, expected }) => statusOf(withBigints(object) as Manifest) !== expected.status,
    );
    expect(differing.map(({ name }) => name)).toEqual([]);
  });

  it('takes no status of an older generation for the newest', () => {
    const judgedByStatus = cases.filter(
      ({ object, expected }) =>
        ['Healthy', 'Degraded'].includes(expected.status) &&
        isFields(object['status']) &&
        typeof object['status']['observedGeneration'] === 'number' &&
        statusOf({ ...object, status: undefined }) !== expected.status &&
        !writtenBySuccess.has(groupOf(object.apiVersion)),
    );
    const taken = judgedByStatus.filter(({ object }) => {
      const newer = { ...object.metadata, generation: (object.metadata.generation ?? 0) + 9 };
      return !['Progressing', 'Suspended'].includes(statusOf({ ...object, metadata: newer }));
    });
    expect(judgedByStatus.length).toBeGreaterThan(200);
    expect(taken.map(({ name }) => name)).toEqual([]);
  });

  it('reads the lists of parents, targets, listeners and clusters', () => {
    const lists = new Set(reading.map(({ list }) => list));
    expect([...lists].toSorted()).toEqual(namedBySpec.toSorted());
    expect(reading.length).toBeGreaterThanOrEqual(6);
  });

  it.each(reading)('has a case of a failure that is left in $name', ({ rule, list }) => {
    const saysFailure = (entry: unknown) => /"status":"False"|"Unhealthy"/.test(JSON.stringify(entry));
    for (const kind of rule.kinds) {
      const left = casesOf(rule).filter(({ object, expected }) => {
        const entries = isFields(object['status']) ? object['status'][list] : undefined;
        const fits = kind.includes('*') || object.kind === kind;
        return fits && expected.status === 'Healthy' && Array.isArray(entries) && entries.some(saysFailure);
      });
      expect(left.length, kind).toBeGreaterThan(0);
    }
  });

  it.each(writtenEarlier)('has a case of what earlier releases wrote for $name', ({ rule, kind, newest }) => {
    const resting = casesOf(rule).filter(
      ({ object }) =>
        object.kind === kind && assessByRule(newest, object).status !== assessByRule(rule, object).status,
    );
    expect(resting.length).toBeGreaterThan(0);
  });

  it('knows no word that every object inherits', () => {
    const taken: string[] = [];
    for (const { name, object } of cases.filter((one) => one.expected.status !== 'none')) {
      for (const inherited of ['constructor', 'toString', '__proto__']) {
        for (const { path, value } of withText(object['status'], inherited)) {
          const found = statusOf({ ...object, status: value });
          if (!healthStatuses.some((status) => status === found)) taken.push(`${name} ${path.join('.')}`);
        }
      }
    }
    expect(taken).toEqual([]);
  });

  it('waits for words that it does not know, and for none that names a failure', () => {
    const waitedFor: string[] = [];
    for (const { name, object } of cases.filter((one) => one.expected.status === 'Healthy')) {
      for (const { path, value } of withText(object['status'], 'Bewildered')) {
        const found = statusOf({ ...object, status: value });
        expect(healthStatuses, `${name} ${path.join('.')}`).toContain(found);
        const isWord =
          /^(?!desired).*(phase|state|status|health)$/i.test(path[0] ?? '') &&
          path.length === 1 &&
          found === 'Progressing';
        if (
          isWord &&
          statusOf({ ...object, status: { ...Object(value), [path[0] ?? '']: 'ItFailed' } }) !== 'Degraded'
        ) {
          waitedFor.push(`${name} status.${path[0]}`);
        }
      }
    }
    expect(waitedFor).toEqual([]);
  });
});
