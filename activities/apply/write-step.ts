import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterClient } from '../../cluster/request/client.ts';
import { describeError, KeelsonError, ObjectError } from '../../core/errors.ts';
import { formatKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { isWorthAnotherTry, pauseAfter } from '../../core/retry-policy.ts';
import { inconclusiveReason, type Prerequisites } from '../../core/sync/plan/dry-run.ts';
import type { PlanStep } from '../../core/sync/plan/plan.ts';
import { assessPrune, waitReason } from '../../core/sync/walk/settle.ts';
import { checkFence } from '../../db/queries/operation/fence.ts';
import type { OperationRow } from '../../db/queries/operation/operation.ts';
import type { StepResultRow } from '../../db/queries/operation/plan.ts';
import { announceWait, closeWaits } from '../../db/queries/operation/wait.ts';
import { isStoreUnavailable } from '../../db/store-unavailable.ts';
import type { GroupRef } from '../../workflows/messages.ts';
import { openClusterWait } from '../operation/cluster-wait.ts';
import { respectNow } from '../plan/respect-ignored.ts';
import type { AttemptRun } from './attempt-run.ts';
import { runnerOf } from './runner.ts';
import { type Ground, kubectlName, type StepContext, type StepOutcome } from './step.ts';
import type { Warrant } from './warrant.ts';

/** A write that fails for a transient reason is repeated for this long before it counts as failed. */
const patienceMilliseconds = 30_000;
/** It is repeated for this long before the operation says so. */
const quietMilliseconds = 1000;

/** Everything that one run of a group's activity works with. */
export type GroupRun = Omit<AttemptRun, 'ref'> & {
  readonly ref: GroupRef;
  readonly operation: OperationRow;
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** What the project lets the operation do. */
  readonly warrant: Warrant;
  /** Whether the group's objects are waited for, so that a written step is not complete yet. */
  readonly settles: boolean;
  /** What deletions of the group are judged by; read when the first is at hand. */
  readonly ground: () => Promise<Ground>;
  /** What a dry run can't tell about; absent in a real run. */
  readonly prerequisites: Prerequisites | undefined;
};

/** Carries out a step and has its result recorded, at once where doing it again would change something. */
export async function runStep(run: GroupRun, step: PlanStep): Promise<StepResultRow> {
  const startedAt = new Date();
  const outcome = refusedOutcome(run.warrant, step) ?? (await attemptStep(run, step));
  if (run.waiting.delete(step.step)) await closeWaits(run.deps.db, run.ref.operationId, run.ref);
  const failed = outcome.status === 'SyncFailed';
  const ends = failed || !run.settles || outcome.status === 'PruneSkipped' || run.operation.request.dryRun;
  const appliedAt = new Date();
  const result: StepResultRow = {
    operationId: run.ref.operationId,
    attempt: run.ref.attempt,
    step: step.step,
    status: outcome.status,
    hookPhase: failed ? 'Failed' : ends ? 'Succeeded' : 'Running',
    message: outcome.message,
    uid: outcome.uid ?? null,
    objectVersion: outcome.objectVersion ?? null,
    strategy: outcome.strategy ?? null,
    startedAt,
    appliedAt,
    finishedAt: ends ? appliedAt : null,
  };
  run.log.add(result);
  if (!isRepeatable(step, result)) await run.log.flush();
  return result;
}

/** Whether carrying a step out once more, should its result get lost, changes nothing. */
function isRepeatable({ action }: PlanStep, { strategy }: StepResultRow): boolean {
  if (action === 'create-hook') return false;
  return strategy === null || strategy === 'server-side';
}

/**
 * Runs a step until it works, fails for good, or has failed as often or as long as its reason is worth. What happened
 * under a client that was retired meanwhile counts as no try: the next one asks as whom the cluster is registered now.
 */
async function attemptStep(run: GroupRun, step: PlanStep): Promise<StepOutcome> {
  const { deps, ref } = run;
  let startedAt = performance.now();
  for (let tries = 1; ; tries++) {
    const giveUpAt = startedAt + patienceMilliseconds;
    const client = await writerFor(run);
    try {
      return await runnerOf(step)(step, contextOf(run, step, client));
    } catch (cause) {
      if (client.retired.aborted) {
        run.signal.throwIfAborted();
        await checkFence(deps.db, ref, run.token);
        tries = 0;
        startedAt = performance.now();
        continue;
      }
      const error = failureOf(run, step, cause);
      const now = performance.now();
      if (!isWorthAnotherTry(error, tries) || now > giveUpAt) return giveUp(run, step, error);
      if (now > startedAt + quietMilliseconds) await openWriteWait(run, step, error, giveUpAt - now);
      await sleep(pauseAfter(error, tries), undefined, { signal: run.signal });
      await checkFence(deps.db, ref, run.token);
    }
  }
}

/** The cluster as whoever writes there for the application. */
async function writerFor({ deps, ref, warrant: { account } }: GroupRun): Promise<ClusterClient> {
  const client = await deps.clusterFor(ref.clusterId);
  return account === undefined ? client : client.as(account);
}

/**
 * What becomes of a step that is permitted no more, as it was when it was planned: what would go stays, what would come
 * is an error. Undefined where it is permitted.
 */
function refusedOutcome(
  { isClosed, refusalOf }: Warrant,
  { action, key }: PlanStep,
): StepOutcome | undefined {
  const refusal = action === 'skip-prune' ? undefined : refusalOf(key);
  if (refusal === undefined) return undefined;
  return action === 'prune' && !isClosed
    ? { status: 'PruneSkipped', message: `ignored (${refusal})` }
    : { status: 'SyncFailed', message: `${formatKey(key)}: ${refusal}` };
}

/** What failed a step. A fault of ours is like a refusal of which nothing is known; what isn't about the step is thrown. */
function failureOf({ signal }: GroupRun, { key }: PlanStep, cause: unknown): KeelsonError {
  if (cause instanceof KeelsonError) return cause;
  // Without the store nothing could be recorded.
  if (signal.aborted || isStoreUnavailable(cause)) throw cause;
  return new ObjectError('internal', key, describeError(cause), { transience: 'unexplained', cause });
}

/** A step that failed for good; but a deletion outlasts the absence of its cluster: the workflow says so and waits. */
function giveUp(run: GroupRun, step: PlanStep, error: KeelsonError): StepOutcome {
  if (run.operation.kind === 'delete' && error.code === 'cluster-unreachable') {
    throw new KeelsonError(error.code, error.message, { cause: error });
  }
  return failedOutcome(run, step, error);
}

function contextOf(run: GroupRun, step: PlanStep, client: ClusterClient): StepContext {
  const { ref, signal, deps } = run;
  return {
    client,
    ref,
    dryRun: run.operation.request.dryRun,
    manifest: step.digest === undefined ? undefined : run.manifests.get(step.digest),
    signal,
    ground: run.ground,
    respecting: (manifest) => respectNow(deps, client, manifest, { operation: run.operation, signal }),
    waitsFor: (live) => openDeletionWait(run, step, live),
    created: () => deps.faults.reach(step.action === 'create-hook' ? 'hook-created' : 'object-applied'),
  };
}

/** A step whose write is repeated, for `left` milliseconds more. */
async function openWriteWait(
  run: GroupRun,
  step: PlanStep,
  error: KeelsonError,
  left: number,
): Promise<void> {
  run.waiting.add(step.step);
  await openClusterWait(run.deps, run.ref, {
    steps: [step.step],
    keys: [step.key],
    reason: `writing ${formatKey(step.key)} failed and is tried again: ${error.message}`,
    deadline: new Date(Date.now() + left),
  });
}

/** A step that waits inside a batch, for an object of an earlier sync that somebody else holds. */
async function openDeletionWait(run: GroupRun, step: PlanStep, live: Manifest): Promise<void> {
  const { clusterId, phase, wave } = run.ref;
  const state = assessPrune({ ...step, uid: live.metadata.uid ?? '' }, live);
  run.waiting.add(step.step);
  await announceWait(run.deps.db, run.ref, {
    ...{ clusterId, phase, wave, kind: 'deletion' },
    steps: [step.step],
    keys: [step.key],
    reason: waitReason([{ step: { ...step, action: 'prune' }, state }]),
    deadline: null,
  });
}

/** A dry run passes what it can't tell about: what the sync brings would have been there in a real run. */
function failedOutcome(run: GroupRun, step: PlanStep, error: KeelsonError): StepOutcome {
  const inconclusive = run.prerequisites && inconclusiveReason(error, step.key, run.prerequisites);
  return inconclusive === undefined
    ? { status: 'SyncFailed', message: error.message }
    : { status: 'Synced', message: `${kubectlName(step.key)} not checked (dry run): ${inconclusive}` };
}
