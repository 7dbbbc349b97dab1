import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyId } from '../../core/object/key.ts';
import { isFinished } from '../../core/sync/operation/operation.ts';
import { type PlanStep, syncPhases } from '../../core/sync/plan/plan.ts';
import type { OperationView } from '../../core/wire/operation.ts';
import { connectDatabase, type DatabaseConnection } from '../../db/client.ts';
import {
  findPlan,
  type PlanRow,
  type StepResultRow,
  stepResultsOf,
} from '../../db/queries/operation/plan.ts';
import type { FaultPoint } from '../../platform/fault.ts';
import { applicationOf, configMap } from '../support/keelson/applications.ts';
import { startKeelsonOn, type TestKeelson } from '../support/keelson/keelson.ts';
import { testPlatform } from '../support/keelson/platform.ts';
import { watchJobs } from '../support/keelson/watch-jobs.ts';
import { faultsIn } from '../support/process/faults.ts';
import { manifestsOf, type RandomApplication, randomApplications } from '../support/random/random-syncs.ts';

/** A failing run says its seed; RANDOM_SYNCS_SEED brings it back, RANDOM_SYNCS_COUNT makes a longer run of it. */
const seed = Number(process.env['RANDOM_SYNCS_SEED'] ?? 20_260);
const count = Number(process.env['RANDOM_SYNCS_COUNT'] ?? 6);
const sideBySide = 4;
/** How long disturbed syncs go on by themselves before whatever still runs is terminated. */
const calmMilliseconds = 1500;
/** Terminations of one application at most: automated sync may bring a revision that hangs again. */
const mostTerminations = 6;
const faultPoints: readonly FaultPoint[] = [
  'hook-created',
  'batch-applied',
  'object-applied',
  'attempt-finishing',
];

const hungMilliseconds = 5_000;
const patience = { timeout: 90_000, interval: 200 };

let keelson: TestKeelson;
let facts: Awaited<ReturnType<ReturnType<typeof testPlatform>['createFacts']>>;
let database: DatabaseConnection;

beforeAll(async () => {
  facts = await testPlatform().createFacts();
  keelson = await startKeelsonOn(facts);
  database = connectDatabase(facts.databaseUrl, { connections: 4, onError: () => {} });
});

afterAll(async () => {
  await database?.close();
  await keelson?.stop();
  await facts?.drop();
});

/** Objects of the namespace that no sync has anything to do with: one of nobody, one of another application. */
async function putBystanders(namespace: string): Promise<void> {
  await keelson.cluster.applyServerSide({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  const foreign = { 'argocd.argoproj.io/tracking-id': `other:/ConfigMap:${namespace}/foreign` };
  for (const object of [configMap('nobodys', { a: '1' }), configMap('foreign', { a: '1' }, foreign)]) {
    await keelson.cluster.applyServerSide({ ...object, metadata: { ...object.metadata, namespace } });
  }
}

async function versionsOf(namespace: string): Promise<(string | undefined)[]> {
  const names = ['nobodys', 'foreign'];
  const found = names.map((name) =>
    keelson.cluster.get('v1', { group: '', kind: 'ConfigMap', namespace, name }),
  );
  return (await Promise.all(found)).map((object) => object?.metadata.resourceVersion);
}

async function terminate(name: string): Promise<void> {
  await keelson.client.operations.terminate(name).catch((error: unknown) => {
    // It ended between the look and the call.
    if (!String(error).includes('No operation is in progress')) throw error;
  });
}

/** Syncs one random application, disturbs it as it says, and waits until nothing of it runs any more. */
async function drive(
  name: string,
  shape: RandomApplication,
  number: number,
): Promise<readonly OperationView[]> {
  const revision = (at: number) => ({ 'app.yaml': manifestsOf(shape.revisions[at] ?? [], at) });
  const repository = await keelson.gitServer.createRepository(name, revision(0));
  const retry = { limit: shape.retries, backoff: { duration: '1s', factor: 1, maxDuration: '1s' } };
  const syncPolicy = {
    syncOptions: ['CreateNamespace=true'],
    retry,
    ...(shape.automated ? { automated: { prune: true, selfHeal: true } } : {}),
  };
  await keelson.create(applicationOf({ name, repoURL: repository.url, namespace: name, syncPolicy }));
  if (!shape.automated) await keelson.request(name, { prune: true });
  await expect.poll(async () => (await keelson.client.operations.list(name, 1)).length, patience).toBe(1);
  let pushed = 0;
  let newest: string | undefined;
  for (const { what, afterMilliseconds } of shape.disturbances) {
    await sleep(afterMilliseconds);
    if (what === 'terminate') await terminate(name);
    if (what === 'kill-worker') {
      faultsIn(keelson).arm(faultPoints[number % faultPoints.length] ?? 'batch-applied', 'kill');
    }
    if (what === 'push' && pushed < 2) {
      pushed += 1;
      newest = await repository.commit(revision(pushed));
      await keelson.client.applications.get(name, { refresh: 'normal' });
    }
  }
  if (shape.automated && newest !== undefined) {
    // No push gets lost, whatever was terminated or killed meanwhile.
    await expect
      .poll(async () => {
        const operations = await keelson.client.operations.list(name, 50);
        const live = operations.find((operation) => !isFinished(operation.phase));
        if (live !== undefined && live.revision !== newest && hasHung(live)) await terminate(name);
        return operations.map(({ revision: of, phase, message }) => `${of} ${phase} ${message}`);
      }, patience)
      .toContainEqual(expect.stringContaining(`${newest} `));
  }
  return untilQuiet(name);
}

/** A hook that hangs holds up whatever is newer until a person ends it. */
function hasHung(live: OperationView): boolean {
  return Date.now() - Date.parse(live.startedAt ?? live.requestedAt) > hungMilliseconds;
}

async function untilQuiet(name: string): Promise<readonly OperationView[]> {
  await sleep(calmMilliseconds);
  for (let terminations = 0; ; terminations++) {
    const operations = await keelson.client.operations.list(name, 50);
    const live = operations.find((operation) => !isFinished(operation.phase));
    if (live === undefined) {
      // The comparison that follows the last end may start one more, and has by the time it is answered.
      await keelson.client.applications.get(name, { refresh: 'normal' });
      const again = await keelson.client.operations.list(name, 50);
      if (again.every((operation) => isFinished(operation.phase))) return again;
      continue;
    }
    expect(terminations, `${name}: terminations that it took`).toBeLessThan(mostTerminations);
    await terminate(name);
    await keelson.ended(name, live.id, 90);
  }
}

type Attempt = { readonly plan: PlanRow; readonly results: readonly StepResultRow[] };

async function attemptsOf(operation: OperationView): Promise<Attempt[]> {
  const numbers = Array.from({ length: operation.attempt }, (_, index) => index + 1);
  const found = await Promise.all(
    numbers.map(async (attempt) => {
      const of = { operationId: operation.id, attempt };
      const [plan, results] = await Promise.all([findPlan(database.db, of), stepResultsOf(database.db, of)]);
      return plan === undefined ? [] : [{ plan, results }];
    }),
  );
  return found.flat();
}

const phaseOrder: readonly string[] = syncPhases;
const placeOf = ({ phase, wave, batch }: PlanStep): number =>
  (phaseOrder.indexOf(phase) * 1000 + wave) * 1000 + batch;

/** Nothing of a later phase, wave or batch starts before all of the earlier ones is written. */
function expectOrder({ plan, results }: Attempt, about: string): void {
  const steps = plan.plan.steps;
  for (const earlier of results) {
    for (const later of results) {
      const [before, after] = [steps[earlier.step], steps[later.step]];
      if (before === undefined || after === undefined || placeOf(before) >= placeOf(after)) continue;
      const late = earlier.appliedAt.getTime() > later.startedAt.getTime();
      expect(late, `${about}: step ${later.step} started before step ${earlier.step} was written`).toBe(
        false,
      );
    }
  }
}

/** Every object of the namespace that is not in a plan is one that the cluster or this test made. */
async function expectNothingElse(
  namespace: string,
  attempts: readonly Attempt[],
  about: string,
): Promise<void> {
  const planned = new Set(attempts.flatMap(({ plan }) => plan.plan.steps.map((step) => keyId(step.key))));
  for (const [apiVersion, kind, group] of [
    ['v1', 'ConfigMap', ''],
    ['apps/v1', 'Deployment', 'apps'],
    ['batch/v1', 'Job', 'batch'],
  ] as const) {
    const { items } = await keelson.cluster.list(await keelson.cluster.resourceFor(apiVersion, kind), {
      namespace,
    });
    for (const { metadata } of items) {
      const { name = '' } = metadata;
      if (['nobodys', 'foreign', 'kube-root-ca.crt'].includes(name)) continue;
      expect(planned.has(keyId({ group, kind, namespace, name })), `${about}: ${kind} ${name}`).toBe(true);
    }
  }
}

async function check(name: string, shape: RandomApplication, number: number): Promise<void> {
  const about = `seed ${seed}, application ${number}`;
  await putBystanders(name);
  const before = await versionsOf(name);
  const jobs = watchJobs(keelson.cluster, name);
  try {
    const operations = await drive(name, shape, number);
    expect(operations.length, about).toBeGreaterThan(0);
    for (const operation of operations) {
      expect(isFinished(operation.phase), `${about}: ${operation.phase}`).toBe(true);
      expect(operation.attempt, about).toBeLessThanOrEqual(shape.retries + 1);
    }
    const attempts = (await Promise.all(operations.map(attemptsOf))).flat();
    for (const attempt of attempts) expectOrder(attempt, about);
    await expectNothingElse(name, attempts, about);
    expect(await versionsOf(name), `${about}: bystanders`).toEqual(before);
    const stamps = [...jobs.stamps.values()].sort();
    expect(stamps, `${about}: hooks that ran twice in an attempt`).toEqual([...new Set(stamps)]);
  } finally {
    await jobs.stop();
  }
}

describe('random applications under random trouble', () => {
  it(
    `end, in order, and touch nothing else (seed ${seed}, ${count} applications)`,
    async () => {
      const left = [...randomApplications(seed, count).entries()];
      const lane = async (): Promise<void> => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          const [number, shape] = next;
          await check(`random-${number}`, shape, number);
        }
      };
      await Promise.all(Array.from({ length: sideBySide }, lane));
    },
    Math.max(120_000, count * 30_000),
  );
});
