import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthStatus } from '../../application/words.ts';
import { keyId } from '../../object/key.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { parseRetry, shouldRetry } from '../operation/retry.ts';
import { isOutdated } from '../operation/supersede.ts';
import type { PlanGroup, PlanStep, SyncPlan } from '../plan/plan.ts';
import { stepsOfGroup } from '../plan/plan.ts';
import { planSync } from '../plan/plan-sync.ts';
import { base, desired, hook, live, wave } from '../plan/plan-sync-cases.ts';
import { assessStep } from './settle.ts';

/** What becomes of an object once it is written; `hangs` never gets healthy by itself. */
type Fate = 'healthy' | 'slow' | 'hangs' | 'degrades' | 'refused';

/** One sync of the model: what is there, what is asked for, and when what happens to it. */
type Scenario = {
  readonly desired: readonly {
    kind: string;
    name: string;
    wave: number;
    hook: string | undefined;
    fate: Fate;
  }[];
  readonly strays: readonly { name: string; wave: number; held: boolean }[];
  readonly bystanders: number;
  readonly gate: 'all' | 'reference';
  readonly retries: number;
  /** Looks after which a person terminates, and after which a newer revision arrives. */
  readonly terminateAt: number;
  readonly newerAt: number;
};

const fates: readonly Fate[] = ['healthy', 'healthy', 'healthy', 'slow', 'hangs', 'degrades', 'refused'];

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  desired: fc.array(
    fc.record({
      kind: fc.constantFrom('ConfigMap', 'Service', 'apps/Deployment', 'batch/Job'),
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      wave: fc.integer({ min: -2, max: 2 }),
      hook: fc.constantFrom(undefined, undefined, undefined, 'PreSync', 'Sync', 'PostSync', 'SyncFail'),
      fate: fc.constantFrom(...fates),
    }),
    { maxLength: 9 },
  ),
  strays: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('old1', 'old2', 'old3'),
      wave: fc.integer({ min: -1, max: 1 }),
      held: fc.boolean(),
    }),
    { maxLength: 3, selector: (stray) => stray.name },
  ),
  bystanders: fc.integer({ min: 0, max: 3 }),
  gate: fc.constantFrom('all', 'reference'),
  retries: fc.integer({ min: 0, max: 3 }),
  terminateAt: fc.integer({ min: 1, max: 60 }),
  newerAt: fc.integer({ min: 1, max: 60 }),
});

type Stored = {
  readonly uid: string;
  readonly writes: number;
  readonly age: number;
  readonly step?: PlanStep;
};
type Result = {
  status: 'Synced' | 'SyncFailed' | 'Pruned' | 'PruneSkipped';
  complete: boolean;
  failed: boolean;
};
type Written = { readonly attempt: number; readonly step: PlanStep };
type Ended = 'Succeeded' | 'Failed' | 'Terminated' | 'Superseded';

/** The cluster of the model: objects by key, the writes in their order, and a clock of looks. */
class Model {
  readonly objects = new Map<string, Stored>();
  readonly written: Written[] = [];
  readonly scenario: Scenario;
  looks = 0;
  hookStoppedByNewer = false;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    for (const { name } of scenario.strays)
      this.objects.set(strayId(name), { uid: `uid-${name}`, writes: 0, age: 0 });
    for (let n = 0; n < scenario.bystanders; n++)
      this.objects.set(`bystander-${n}`, { uid: `by-${n}`, writes: 0, age: 0 });
  }

  fateOf({ key }: PlanStep): Fate {
    const found = this.scenario.desired.findLast(
      (one) => one.kind.split('/').at(-1) === key.kind && one.name === key.name,
    );
    return found?.fate ?? 'healthy';
  }

  write(attempt: number, step: PlanStep): Result {
    this.written.push({ attempt, step });
    const id = keyId(step.key);
    if (step.action === 'skip-prune') return { status: 'PruneSkipped', complete: true, failed: false };
    if (step.action === 'prune') {
      const held = this.scenario.strays.some((stray) => strayId(stray.name) === id && stray.held);
      if (!held) this.objects.delete(id);
      return { status: 'Pruned', complete: false, failed: false };
    }
    if (this.fateOf(step) === 'refused') return { status: 'SyncFailed', complete: true, failed: true };
    const before = this.objects.get(id);
    this.objects.set(id, {
      uid: before?.uid ?? `uid-${id}`,
      writes: (before?.writes ?? 0) + 1,
      age: 0,
      step,
    });
    return { status: 'Synced', complete: false, failed: false };
  }

  tick(): void {
    this.looks += 1;
    for (const [id, stored] of this.objects) this.objects.set(id, { ...stored, age: stored.age + 1 });
  }

  health(step: PlanStep): HealthStatus {
    const age = this.objects.get(keyId(step.key))?.age ?? 0;
    const fate = this.fateOf(step);
    if (fate === 'hangs') return 'Progressing';
    if (fate === 'degrades') return age < 2 ? 'Progressing' : 'Degraded';
    return fate === 'slow' && age < 3 ? 'Progressing' : 'Healthy';
  }
}

function strayId(name: string): string {
  return keyId({ group: '', kind: 'Service', namespace: 'prod', name });
}

function planOf(scenario: Scenario): SyncPlan | undefined {
  return planSync({
    ...base,
    gate: scenario.gate,
    desired: scenario.desired.map((one) =>
      desired(one.kind, one.name, {
        namespace: 'prod',
        annotations: { [wave]: String(one.wave), ...(one.hook === undefined ? {} : { [hook]: one.hook }) },
      }),
    ),
    live: scenario.strays.map((stray) =>
      live('Service', stray.name, { annotations: { [wave]: String(stray.wave) } }),
    ),
  }).plan;
}

/** What is asked of the sync at this look: the rules by which the workflow stops. */
function wish(model: Model): 'none' | 'supersede' | 'terminate' {
  if (model.looks >= model.scenario.terminateAt) return 'terminate';
  const running = { kind: 'sync', initiatedBy: { username: '', automated: true }, sources: [] } as const;
  const newest = { revision: model.looks >= model.scenario.newerAt ? 'b' : 'a', sources: [] };
  return isOutdated({ ...running, revision: 'a' }, newest) ? 'supersede' : 'none';
}

class Stopped {
  readonly phase: Ended;
  constructor(phase: Ended) {
    this.phase = phase;
  }
}

function boundary(model: Model): void {
  const asked = wish(model);
  if (asked !== 'none') throw new Stopped(asked === 'terminate' ? 'Terminated' : 'Superseded');
}

/** Writes a group batch by batch and waits as the plan says; the mirror of the workflow's walk. */
function walkGroup(model: Model, attempt: number, plan: SyncPlan, group: PlanGroup): boolean {
  const steps = stepsOfGroup(plan, group);
  const results = new Map<number, Result>();
  for (const batch of [...new Set(steps.map((step) => step.batch))]) {
    const now = steps.filter((step) => step.batch === batch);
    for (const step of now) results.set(step.step, model.write(attempt, step));
    if (now.some((step) => results.get(step.step)?.failed)) return false;
  }
  while (group.settle) {
    model.tick();
    const states = steps.map((step) => ({ step, state: look(model, step, results) }));
    if (states.some(({ state }) => state === 'failed')) return false;
    const waiting = states.filter(({ state }) => state === 'waiting');
    if (waiting.length === 0) break;
    const hookRuns = waiting.some(({ step }) => step.action === 'create-hook');
    if (wish(model) === 'terminate') throw new Stopped('Terminated');
    if (!hookRuns) boundary(model);
  }
  return true;
}

function look(model: Model, step: PlanStep, results: ReadonlyMap<number, Result>) {
  const stored = model.objects.get(keyId(step.key));
  const result = results.get(step.step);
  const manifest: Manifest | undefined =
    stored === undefined
      ? undefined
      : {
          apiVersion: step.apiVersion,
          kind: step.key.kind,
          metadata: { name: step.key.name, uid: stored.uid },
        };
  return assessStep({
    step,
    live: manifest,
    result: result === undefined ? undefined : { status: result.status, complete: result.complete },
    assessHealth: () => ({ status: model.health(step) }),
  }).state;
}

function attempt(model: Model, number: number, plan: SyncPlan): Ended {
  try {
    boundary(model);
    for (const group of plan.groups) {
      boundary(model);
      if (walkGroup(model, number, plan, group)) continue;
      for (const failure of plan.failureGroups) if (!walkGroup(model, number, plan, failure)) break;
      return 'Failed';
    }
    return 'Succeeded';
  } catch (stopped) {
    if (!(stopped instanceof Stopped)) throw stopped;
    return stopped.phase;
  }
}

/** The whole operation; answers with how it ended and how many attempts it made. */
function sync(model: Model, plan: SyncPlan): { ended: Ended; attempts: number } {
  const retry = parseRetry({ limit: model.scenario.retries });
  for (let number = 1; ; number++) {
    const ended = attempt(model, number, plan);
    model.tick();
    if (ended !== 'Failed' || !shouldRetry(retry, number - 1)) return { ended, attempts: number };
    if (wish(model) !== 'none') return { ended: 'Superseded', attempts: number };
  }
}

const phaseOrder = ['PreSync', 'Sync', 'PostSync', 'SyncFail'];
const placeOf = ({ phase, wave: at, batch }: PlanStep): number[] => [phaseOrder.indexOf(phase), at, batch];

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((part, position) => part !== b[position]);
  return at === -1 || (a[at] ?? 0) < (b[at] ?? 0);
}

function run(scenario: Scenario) {
  const plan = planOf(scenario);
  fc.pre(plan !== undefined);
  const model = new Model(scenario);
  return { plan, model, ...sync(model, plan) };
}

const parameters = { numRuns: 500 };

describe('a plan walked in a model of the cluster', () => {
  it('comes to an end, within its retries, whatever hangs or fails', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const { attempts, ended } = run(scenario);
        expect(attempts).toBeLessThanOrEqual(scenario.retries + 1);
        expect(['Succeeded', 'Failed', 'Terminated', 'Superseded']).toContain(ended);
      }),
      parameters,
    );
  });

  it('writes in the order of phase, wave and batch in each attempt, each step at most once', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const { model, attempts } = run(scenario);
        for (let number = 1; number <= attempts; number++) {
          const steps = model.written.filter((one) => one.attempt === number).map(({ step }) => step);
          expect(new Set(steps.map(({ step }) => step)).size).toBe(steps.length);
          for (const [position, step] of steps.entries()) {
            const next = steps[position + 1];
            if (next !== undefined) expect(isBefore(placeOf(step), placeOf(next))).toBe(true);
          }
        }
      }),
      parameters,
    );
  });

  it('touches nothing outside its plan', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const { model, plan } = run(scenario);
        for (let n = 0; n < scenario.bystanders; n++) {
          expect(model.objects.get(`bystander-${n}`)?.writes).toBe(0);
        }
        const planned = new Set([...plan.steps].map((step) => keyId(step.key)));
        for (const { step } of model.written) expect(planned.has(keyId(step.key))).toBe(true);
      }),
      parameters,
    );
  });

  it('runs nothing behind a failure but the SyncFail hooks, and those only behind one', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const { model, attempts, ended, plan } = run(scenario);
        for (let number = 1; number <= attempts; number++) {
          const steps = model.written.filter((one) => one.attempt === number).map(({ step }) => step);
          const refused = steps.findIndex(
            (step) =>
              step.action !== 'prune' && step.action !== 'skip-prune' && model.fateOf(step) === 'refused',
          );
          const at = steps[refused];
          if (at === undefined) continue;
          for (const later of steps.slice(refused + 1)) {
            const sameBatch = placeOf(later).join() === placeOf(at).join();
            expect(sameBatch || later.phase === 'SyncFail').toBe(true);
          }
        }
        if (ended !== 'Succeeded') return;
        const last = model.written.filter((one) => one.attempt === attempts).map(({ step }) => step);
        expect(last.some((step) => step.phase === 'SyncFail')).toBe(false);
        expect(last).toHaveLength(plan.groups.reduce((sum, group) => sum + group.count, 0));
      }),
      parameters,
    );
  });

  it('succeeds when nothing fails, hangs or interferes', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const calm: Scenario = {
          ...scenario,
          desired: scenario.desired.map((one) => ({
            ...one,
            fate: one.fate === 'slow' ? 'slow' : 'healthy',
          })),
          strays: scenario.strays.map((stray) => ({ ...stray, held: false })),
          terminateAt: Number.POSITIVE_INFINITY,
          newerAt: Number.POSITIVE_INFINITY,
        };
        const { ended, attempts, model } = run(calm);
        expect({ ended, attempts }).toEqual({ ended: 'Succeeded', attempts: 1 });
        for (const { name } of calm.strays) expect(model.objects.has(strayId(name))).toBe(false);
      }),
      parameters,
    );
  });
});
