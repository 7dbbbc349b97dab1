import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../object/json/canonical.ts';
import { keyId } from '../../object/key.ts';
import type { PlanGroup, PlanStep, SyncPlan } from './plan.ts';
import type { DesiredObject, LiveObject, PlanInput } from './plan-input.ts';
import { planSync } from './plan-sync.ts';
import { base, desired, hook, live, options, request, trackingId, wave } from './plan-sync-cases.ts';

const kinds = [
  'Namespace',
  'Secret',
  'ConfigMap',
  'Service',
  'apps/Deployment',
  'batch/Job',
  'example.com/Widget',
];
const hookWords = [undefined, undefined, undefined, 'PreSync', 'Sync,PostSync', 'SyncFail', 'Skip', 'Odd'];
const waves = fc.integer({ min: -2, max: 2 });

const desiredObject = fc
  .record({
    kind: fc.constantFrom(...kinds),
    name: fc.constantFrom('n0', 'n1', 'n2', 'n3'),
    namespace: fc.constantFrom('n0', 'n1', 'prod'),
    word: fc.constantFrom(...hookWords),
    wave: waves,
    unknown: fc.boolean(),
  })
  .map(({ kind, name, namespace, word, wave: place, unknown }): DesiredObject & { unknown: boolean } => {
    const annotations = { [wave]: String(place), ...(word === undefined ? {} : { [hook]: word }) };
    const scope = kind === 'Namespace' ? { namespaced: false } : { namespace };
    const object = desired(kind, name, { annotations, ...scope });
    return { ...object, digest: `${object.digest}-${namespace}`, unknown };
  });

/** Live objects that are ours to prune, and those that only look like it. */
const liveObject = fc
  .record({
    kind: fc.constantFrom('Service', 'Secret', 'ConfigMap'),
    name: fc.constantFrom('n0', 'n1', 'old1', 'old2', 'old3'),
    wave: waves,
    changed: fc.boolean(),
    confirm: fc.boolean(),
    nature: fc.constantFrom('ours', 'ours', 'ours', 'foreign', 'owned', 'copied', 'hook', 'unmarked'),
  })
  .map(({ kind, name, wave: place, changed, confirm, nature }) => {
    const annotations = {
      [wave]: String(place),
      ...(confirm ? { [options]: 'Prune=confirm' } : {}),
      ...(nature === 'copied' ? { [trackingId]: `app:/${kind}:prod/source` } : {}),
      ...(nature === 'unmarked' ? { [trackingId]: '' } : {}),
      ...(nature === 'hook' ? { [hook]: 'PreSync' } : {}),
    };
    const owner = nature === 'foreign' ? 'other' : 'app';
    const object = live(kind, name, { annotations, changed, owner, owned: nature === 'owned' });
    return { nature, object: { ...object, uid: `uid-${kind}-${name}` } };
  });

type Case = { readonly input: PlanInput; readonly ours: readonly LiveObject[] };

const cases: fc.Arbitrary<Case> = fc
  .record({
    desired: fc.array(desiredObject, { maxLength: 14 }),
    live: fc.uniqueArray(liveObject, { maxLength: 8, selector: ({ object }) => keyId(object.key) }),
    gate: fc.constantFrom('all' as const, 'reference' as const),
    dryRun: fc.boolean(),
    syncOptions: fc.subarray(['PruneLast=true', 'ApplyOutOfSyncOnly=true', 'CreateNamespace=true']),
    namespaceExists: fc.boolean(),
  })
  .map(({ desired: objects, live: found, gate, dryRun, syncOptions, namespaceExists }) => ({
    input: {
      ...base,
      desired: objects,
      live: found.map(({ object }) => object),
      request: { ...request, dryRun, syncOptions },
      gate,
      namespaceExists,
    },
    ours: found.filter(({ nature }) => nature === 'ours').map(({ object }) => object),
  }));

function planned(input: PlanInput): SyncPlan {
  const { plan } = planSync(input);
  expect(plan.refused).toBeUndefined();
  return plan;
}

function idOf({ manifest }: DesiredObject): string {
  const { namespace = '', name } = manifest.metadata;
  const [group = ''] = manifest.apiVersion.includes('/') ? manifest.apiVersion.split('/') : [''];
  return `${group}/${manifest.kind}/${namespace}/${name}`;
}

const stepsOf = (plan: SyncPlan, group: PlanGroup): readonly PlanStep[] =>
  plan.steps.slice(group.first, group.first + group.count);

function holds(property: (one: Case) => void): void {
  fc.assert(fc.property(cases, property), { numRuns: 400 });
}

describe('core/sync/plan-sync over generated inputs', () => {
  it('covers the plan with contiguous groups of one phase and wave each', () => {
    holds(({ input }) => {
      const plan = planned(input);
      const groups = [...plan.groups, ...plan.failureGroups];
      for (const group of groups) {
        for (const step of stepsOf(plan, group)) {
          expect([step.phase, step.wave]).toEqual([group.phase, group.wave]);
        }
      }
      expect(groups.flatMap((group) => stepsOf(plan, group))).toEqual(plan.steps);
      expect(plan.steps.map((step) => step.step)).toEqual(plan.steps.map((_, index) => index));
    });
  });

  it('keeps groups in order of phase and wave, and batches in order inside a group', () => {
    const order = ['PreSync', 'Sync', 'PostSync', 'SyncFail'];
    holds(({ input }) => {
      const plan = planned(input);
      const groups = [...plan.groups, ...plan.failureGroups];
      const places = groups.map((group) => order.indexOf(group.phase) * 1000 + group.wave);
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      for (const group of groups) {
        const batches = stepsOf(plan, group).map((step) => step.batch);
        expect(batches[0]).toBe(0);
        expect(batches).toEqual([...batches].sort((a, b) => a - b));
      }
    });
  });

  it('writes every desired object exactly once, and nothing that is not desired', () => {
    holds(({ input }) => {
      const plan = planned(input);
      const last = new Map(input.desired.map((object) => [idOf(object), object]));
      const writes = plan.steps.filter(({ action }) => action === 'apply' || action === 'create-hook');
      const places = writes.map((step) => `${step.phase} ${keyId(step.key)}`);
      expect(new Set(places).size).toBe(places.length);
      for (const step of writes) expect(step.digest).toBe(last.get(keyId(step.key))?.digest);
      const skips = input.request.syncOptions.includes('ApplyOutOfSyncOnly=true');
      const unchanged = new Set(input.live.filter(({ changed }) => !changed).map(({ key }) => keyId(key)));
      const ordinary = [...last].filter(
        ([id, { manifest }]) =>
          manifest.metadata.annotations?.[hook] === undefined && !(skips && unchanged.has(id)),
      );
      const applied = writes.filter(({ action }) => action === 'apply').map(({ key }) => keyId(key));
      expect(applied.sort()).toEqual(ordinary.map(([id]) => id).sort());
    });
  });

  it('prunes exactly what is ours and not desired, the very objects that it saw', () => {
    holds(({ input, ours }) => {
      const plan = planned(input);
      const wanted = new Set(input.desired.map(idOf));
      const expected = ours.filter(({ key }) => !wanted.has(keyId(key)));
      const prunes = plan.steps.filter(({ action }) => action === 'prune');
      expect(prunes.map(({ uid }) => uid).sort()).toEqual(expected.map(({ uid }) => uid).sort());
      expect(plan.steps.filter(({ action }) => action === 'skip-prune')).toEqual([]);
    });
  });

  it('prunes in the reverse order of waves, in front of the writes of their group', () => {
    holds(({ input }) => {
      const plan = planned(input);
      const prunes = plan.steps.filter(({ action }) => action === 'prune');
      const asked = new Map(
        input.live.map(({ uid, metadata }) => [uid, Number(metadata.annotations?.[wave])]),
      );
      if (!input.request.syncOptions.includes('PruneLast=true')) {
        const reversed = prunes.map(({ uid = '' }) => asked.get(uid) ?? 0);
        expect(reversed).toEqual([...reversed].sort((a, b) => b - a));
      }
      for (const group of plan.groups) {
        const actions = stepsOf(plan, group).map(({ action }) => action === 'prune');
        expect(actions).toEqual([...actions].sort((a, b) => Number(b) - Number(a)));
      }
    });
  });

  it('asks for the approval of exactly the deletions that need one, and never in a dry run', () => {
    holds(({ input }) => {
      const plan = planned(input);
      const asking = new Set(
        input.live.filter((one) => one.metadata.annotations?.[options] !== undefined).map(({ uid }) => uid),
      );
      const expected = plan.steps.filter(
        ({ action, uid }) => action === 'prune' && uid !== undefined && asking.has(uid),
      );
      const approvals = [...plan.groups, ...plan.failureGroups].flatMap(({ approval = [] }) => approval);
      expect(approvals).toEqual(input.request.dryRun ? [] : expected.map(({ step }) => step));
    });
  });

  it('writes no object before its namespace', () => {
    holds(({ input }) => {
      const { steps } = planned(input);
      for (const namespace of steps.filter(
        ({ key, phase, action }) => key.kind === 'Namespace' && phase !== 'SyncFail' && action !== 'prune',
      )) {
        const first = steps.findIndex((step) => keyId(step.key) === keyId(namespace.key));
        const users = steps.filter(
          ({ key, action }) => key.namespace === namespace.key.name && action !== 'prune',
        );
        for (const user of users) expect(first).toBeLessThan(user.step);
      }
    });
  });

  it('gives the same plan for the same objects in another order', () => {
    holds(({ input }) => {
      const distinct = [...new Map(input.desired.map((object) => [idOf(object), object])).values()];
      const reversed = { ...input, desired: distinct.toReversed(), live: input.live.toReversed() };
      expect(canonicalJson(planSync(reversed).plan)).toBe(
        canonicalJson(planSync({ ...input, desired: distinct }).plan),
      );
    });
  });

  it('carries nothing out when one object is at fault, and names only such objects', () => {
    holds(({ input }) => {
      const faulty = input.desired.map((object) =>
        'unknown' in object && object.unknown ? { ...object, unknownKind: 'no such kind' } : object,
      );
      const { plan } = planSync({ ...input, desired: faulty });
      const unknown = new Map(faulty.map((object) => [idOf(object), object.unknownKind !== undefined]));
      if (plan.refused === undefined) {
        for (const step of plan.steps) expect(unknown.get(keyId(step.key)) ?? false).toBe(false);
        return;
      }
      expect([plan.groups, plan.failureGroups]).toEqual([[], []]);
      expect(plan.steps.length).toBeGreaterThan(0);
      for (const { key, note } of plan.steps) {
        expect(unknown.get(keyId(key))).toBe(true);
        expect(note).toContain('no such kind');
      }
    });
  });
});
