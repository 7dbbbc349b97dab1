import { describe, expect, it } from 'vitest';
import { keyId } from '../object/key.ts';
import type { PlanInput } from './plan-sync.ts';
import { base, desired, hook, live, plan, wave } from './plan-sync-cases.ts';

/** A repeatable source of numbers below `limit`, so that a failing case can be run again. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

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

function randomInput(seed: number): PlanInput {
  const next = numbers(seed);
  const objects = Array.from({ length: next(14) }, () => {
    const kind = kinds[next(kinds.length)] ?? 'Secret';
    const word = hookWords[next(hookWords.length)];
    const annotations = { [wave]: String(next(5) - 2), ...(word === undefined ? {} : { [hook]: word }) };
    const scope = kind === 'Namespace' ? { namespaced: false } : { namespace: `n${next(2)}` };
    return desired(kind, `n${next(6)}`, { annotations, ...scope });
  });
  const objectsLive = Array.from({ length: next(8) }, (_, index) =>
    live(index % 2 === 0 ? 'Service' : 'Secret', `old${index}`, {
      annotations: { [wave]: String(next(5) - 2) },
    }),
  );
  return { ...base, desired: objects, live: objectsLive, gate: next(2) === 0 ? 'all' : 'reference' };
}

describe('core/sync/plan-sync over generated inputs', () => {
  const seeds = Array.from({ length: 300 }, (_, index) => index + 1);

  it('covers the plan with contiguous groups of one phase and wave each', () => {
    for (const seed of seeds) {
      const { steps, groups, failureGroups } = plan(randomInput(seed));
      let next = 0;
      for (const group of [...groups, ...failureGroups]) {
        expect(group.first, `seed ${seed}`).toBe(next);
        for (const step of steps.slice(group.first, group.first + group.count)) {
          expect([step.phase, step.wave]).toEqual([group.phase, group.wave]);
        }
        next += group.count;
      }
      expect(next).toBe(steps.length);
      expect(steps.map((step) => step.step)).toEqual(steps.map((_, index) => index));
    }
  });

  it('keeps groups in order of phase and wave, and batches in order inside a group', () => {
    const order = ['PreSync', 'Sync', 'PostSync', 'SyncFail'];
    for (const seed of seeds) {
      const { steps, groups, failureGroups } = plan(randomInput(seed));
      const places = [...groups, ...failureGroups].map(
        (group) => order.indexOf(group.phase) * 1000 + group.wave,
      );
      expect(places, `seed ${seed}`).toEqual([...new Set(places)].sort((a, b) => a - b));
      for (const group of groups) {
        const batches = steps.slice(group.first, group.first + group.count).map((step) => step.batch);
        expect(batches[0]).toBe(0);
        expect(batches).toEqual([...batches].sort((a, b) => a - b));
      }
    }
  });

  it('has every desired object once per phase, every stray once, and nothing else', () => {
    for (const seed of seeds) {
      const input = randomInput(seed);
      const { steps } = plan(input);
      const ids = steps.map((step) => `${step.phase} ${keyId(step.key)}`);
      expect(new Set(ids).size, `seed ${seed}`).toBe(ids.length);
      const known = new Set(input.live.map((object) => keyId(object.key)));
      const wanted = new Map(
        input.desired.map((object) => [
          `${object.manifest.kind}/${object.manifest.metadata.namespace ?? ''}/${object.manifest.metadata.name}`,
          object,
        ]),
      );
      for (const step of steps) {
        const id = `${step.key.kind}/${step.key.namespace}/${step.key.name}`;
        if (step.action === 'prune') expect(known.has(keyId(step.key))).toBe(true);
        else expect(step.digest).toBe(wanted.get(id)?.digest);
      }
      expect(steps.filter((step) => step.action === 'prune')).toHaveLength(known.size);
      const ordinary = [...wanted.values()].filter(
        (object) => object.manifest.metadata.annotations?.[hook] === undefined,
      );
      expect(steps.filter((step) => step.action === 'apply')).toHaveLength(ordinary.length);
    }
  });

  it('writes no object before its namespace', () => {
    for (const seed of seeds) {
      const { steps } = plan(randomInput(seed));
      for (const namespace of steps.filter(
        (step) => step.key.kind === 'Namespace' && step.phase !== 'SyncFail',
      )) {
        const users = steps.filter(
          (step) => step.key.namespace === namespace.key.name && step.action !== 'prune',
        );
        const places = steps
          .filter((step) => keyId(step.key) === keyId(namespace.key))
          .map((step) => step.step);
        for (const user of users) expect(Math.min(...places), `seed ${seed}`).toBeLessThan(user.step);
      }
    }
  });

  it('gives the same plan for the same objects in another order', () => {
    for (const seed of seeds.slice(0, 50)) {
      const input = randomInput(seed);
      const distinct = [
        ...new Map(
          input.desired.map((object) => [object.digest + object.manifest.metadata.namespace, object]),
        ).values(),
      ];
      const reversed = { ...input, desired: distinct.toReversed(), live: input.live.toReversed() };
      expect(plan(reversed), `seed ${seed}`).toEqual(plan({ ...input, desired: distinct }));
    }
  });
});
