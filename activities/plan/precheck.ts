import type { ClusterClient } from '../../cluster/request/client.ts';
import { mapBounded } from '../../core/bounded.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import {
  inconclusiveReason,
  type Prerequisites,
  prerequisitesOf,
  refusedByDryRun,
} from '../../core/sync/plan/dry-run.ts';
import type { PlanStep, SyncPlan } from '../../core/sync/plan/plan.ts';
import type { AttemptRef } from '../../workflows/messages.ts';
import { runnerOf } from '../apply/runner.ts';
import type { Ground, StepContext } from '../apply/step.ts';

/** Dry runs in flight: they overlap on the wire, and the API server's own limits leave room for others. */
const parallelDryRuns = 20;

type Precheck = {
  readonly client: ClusterClient;
  readonly ref: AttemptRef;
  readonly ground: Ground;
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly signal: AbortSignal;
};

/**
 * Asks the API server about every write that it has not judged when the live objects were compared: new objects, hooks
 * and those it refused. A plan with an object that it refuses becomes one that says so and writes nothing. The only
 * step of a plan is not asked about, as nothing is written before it.
 */
export async function precheckPlan(plan: SyncPlan, check: Precheck): Promise<SyncPlan> {
  if (plan.refused !== undefined || plan.steps.length === 1) return plan;
  const manifestOf = ({ digest = '' }: PlanStep): Manifest | undefined => check.manifests.get(digest);
  const prerequisites = prerequisitesOf(plan.steps, manifestOf);
  const refusals = new Map<number, string>();
  const unchecked = plan.steps.filter((step) => step.unchecked);
  await mapBounded(unchecked, parallelDryRuns, async (step) => {
    const refusal = await refusalOf(step, { ...check, manifest: manifestOf(step) }, prerequisites);
    if (refusal !== undefined) refusals.set(step.step, refusal);
  });
  return refusals.size === 0 ? plan : refusedByDryRun(plan, refusals);
}

async function refusalOf(
  step: PlanStep,
  { client, ref, ground, manifest, signal }: Precheck & { readonly manifest: Manifest | undefined },
  prerequisites: Prerequisites,
): Promise<string | undefined> {
  // Without its namespace an object can't be judged; asking would only cost a request.
  if (prerequisites.namespaces.has(step.key.namespace)) return undefined;
  // A dry run stores nothing and waits for nothing, so it has neither to tell of.
  const silent = { created: async () => {}, waitsFor: async () => {}, ground: async () => ground };
  // It follows the look from which the manifest was made.
  const respecting = async (planned: Manifest) => ({ manifest: planned, resourceVersion: undefined });
  const context: StepContext = { client, ref, manifest, signal, dryRun: true, respecting, ...silent };
  try {
    await runnerOf(step)(step, context);
    return undefined;
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    return inconclusiveReason(error, step.key, prerequisites) === undefined ? error.message : undefined;
  }
}
