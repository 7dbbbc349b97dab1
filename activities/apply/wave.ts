import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { ClusterClient } from '../../cluster/request/client.ts';
import { describeError, KeelsonError, ObjectError } from '../../core/errors.ts';
import { formatKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { isWorthAnotherTry, pauseAfter } from '../../core/patience.ts';
import { joinCauses } from '../../core/sync/operation/message.ts';
import { type Arrivals, arrivalsOf, excuseOf } from '../../core/sync/plan/dry-run.ts';
import { groupAt, type PlanStep, type SyncPlan, stepsOfGroup } from '../../core/sync/plan/plan.ts';
import { assessPrune, waitReason } from '../../core/sync/walk/settle.ts';
import { checkFence, takeFence } from '../../db/queries/operation/fence.ts';
import { addTiming, type OperationRow } from '../../db/queries/operation/operation.ts';
import { type OperationState, operationState } from '../../db/queries/operation/operation-state.ts';
import { type StepResultRow, stepResultsOf } from '../../db/queries/operation/plan.ts';
import { closeWaits, closeWaitsOfKind, tellWait } from '../../db/queries/operation/wait.ts';
import { isStoreAway } from '../../db/store-away.ts';
import type { AttemptRef, GroupRef, StretchRef, WaveResult } from '../../workflows/messages.ts';
import type { ApplyDeps } from '../deps.ts';
import { requireApproval } from '../operation/approval.ts';
import { openClusterWait } from '../operation/cluster-wait.ts';
import { endAttempt } from '../operation/finish.ts';
import { respectNow } from '../plan/respect-ignored.ts';
import { groundOf, once } from './ground.ts';
import { runnerOf } from './runner.ts';
import { type Ground, kubectlName, type StepContext, type StepOutcome } from './step.ts';
import { createStepLog, type StepLog } from './step-log.ts';

/** Objects of one batch that are written side by side. */
const parallelWrites = 20;
/** A write that fails for a passing reason is repeated for this long before it counts as failed. */
const patienceMilliseconds = 30_000;
/** So long it does so without a word. */
const quietMilliseconds = 1000;
/** Everything one run of a wave works with. */
type WaveRun = {
  readonly deps: ApplyDeps;
  readonly ref: GroupRef;
  readonly operation: OperationRow;
  readonly log: StepLog;
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly settles: boolean;
  /** What deletions of the group are judged by; read when the first is at hand. */
  readonly ground: () => Promise<Ground>;
  /** What a dry run can't tell about; absent in a real run. */
  readonly arrivals: Arrivals | undefined;
  readonly token: number;
  /** Steps that have said what they wait for. */
  readonly waiting: Set<number>;
  readonly signal: AbortSignal;
};

/** What all groups of a stretch share. */
type Stretch = Omit<WaveRun, 'arrivals' | 'ground' | 'manifests' | 'ref' | 'settles'>;

export function waveActivities(deps: ApplyDeps) {
  return {
    /**
     * Carries out the steps of groups that follow each other, batch by batch, skipping what has a result already. A
     * batch in which something failed is the last; the rest of them is not written.
     */
    async applyWaves(ref: StretchRef): Promise<WaveResult> {
      // Of a run before this one, which can't close it any more.
      await closeWaitsOfKind(deps.db, ref.operationId, ['cluster']);
      return applyStretch(deps, ref, { signal: Context.current().cancellationSignal });
    },
  };
}

/** What whoever has just given an attempt the fence knows: nobody else has written anything of it. */
export type Fresh = { readonly token: number; readonly state: OperationState };

/** Carries out a stretch; ends the attempt with it where it may and nothing failed. */
export async function applyStretch(
  deps: ApplyDeps,
  { places, success, ...attempt }: StretchRef,
  { signal, fresh }: { readonly signal: AbortSignal; readonly fresh?: Fresh | undefined },
): Promise<WaveResult> {
  const startedAt = performance.now();
  const spent = (): number => performance.now() - startedAt;
  const { token, state, results } =
    fresh === undefined ? await takeAttempt(deps, attempt) : { ...fresh, results: [] };
  const { operation, plan } = state ?? {};
  if (operation === undefined || plan === undefined) {
    throw new KeelsonError(
      'not-found',
      `operation ${attempt.operationId} has no plan for attempt ${attempt.attempt}`,
    );
  }
  const done = new Map(results.map((result) => [result.step, result]));
  const log = createStepLog(deps.db, { holder: attempt, token });
  const waiting = new Set<number>();
  const stretch: Stretch = { deps, operation, log, token, waiting, signal };
  const record = async (): Promise<void> => {
    await log.flush();
    await addTiming(deps.db, attempt.operationId, 'apply', spent());
  };
  let came: Came = { failed: [], terminating: operation.terminateRequestedAt !== null };
  try {
    for (const place of places) {
      if (came.failed.length > 0 || came.terminating) break;
      const run = await groupRun(stretch, { ...attempt, ...place }, plan.plan, done);
      came = await runBatches(run, stepsOfGroup(plan.plan, place), done);
    }
  } catch (error) {
    await record();
    throw error;
  }
  if (success !== undefined && came.failed.length === 0 && !came.terminating) {
    await log.flush();
    await endAttempt(deps, operation, success, { part: 'apply', milliseconds: spent() });
    return { failed: false, message: '', ended: true };
  }
  await record();
  if (came.failed.length > 0) return { failed: true, message: failureMessage(came.failed) };
  return { failed: false, message: '', ...(came.terminating ? { terminating: true } : {}) };
}

/** Takes the fence first: from then on no earlier run can add a result, so the results read next are all there are. */
async function takeAttempt(deps: ApplyDeps, attempt: AttemptRef) {
  const token = await takeFence(deps.db, attempt);
  const [state, results] = await Promise.all([
    operationState(deps.db, attempt.operationId),
    stepResultsOf(deps.db, attempt),
  ]);
  return { token, state, results };
}

/** What one group of a stretch needs besides: its manifests, and the last look whether it may be written. */
async function groupRun(
  stretch: Stretch,
  ref: GroupRef,
  plan: SyncPlan,
  done: ReadonlyMap<number, StepResultRow>,
): Promise<WaveRun> {
  const { deps, operation } = stretch;
  const group = groupAt(plan, ref);
  if (group !== undefined) await requireApproval(deps, operation, plan, group);
  const { dryRun } = operation.request;
  const needed = dryRun ? plan.steps : stepsOfGroup(plan, ref).filter((step) => !done.has(step.step));
  const manifests = await deps.content.manifests(needed.flatMap((step) => step.digest ?? []));
  const manifestOf = ({ digest = '' }: PlanStep): Manifest | undefined => manifests.get(digest);
  const arrivals = dryRun ? arrivalsOf(plan.steps, manifestOf) : undefined;
  const ground = once(() => groundOf(deps, operation));
  return { ...stretch, ref, ground, manifests, arrivals, settles: group?.settle ?? false };
}

/** What batches came to: the messages of what failed, and whether one was not begun since the operation is to end. */
type Came = { readonly failed: readonly string[]; readonly terminating: boolean };

/** Runs batch after batch up to the first in which something failed, or before which the operation's end is asked for. */
async function runBatches(
  run: WaveRun,
  steps: readonly PlanStep[],
  done: Map<number, StepResultRow>,
): Promise<Came> {
  for (const batch of batchesOf(steps)) {
    const open = batch.filter((step) => !done.has(step.step));
    if (open.length > 0) {
      run.signal.throwIfAborted();
      const { terminating } = await run.log.proveFence();
      if (terminating) return { failed: [], terminating };
      await runBatch(run, open, done);
    }
    const failed = batch.flatMap((step) => {
      const result = done.get(step.step);
      return result?.status === 'SyncFailed' ? [result.message] : [];
    });
    if (failed.length > 0) return { failed, terminating: false };
  }
  return { failed: [], terminating: false };
}

function batchesOf(steps: readonly PlanStep[]): PlanStep[][] {
  const batches = new Map<number, PlanStep[]>();
  for (const step of steps) batches.set(step.batch, [...(batches.get(step.batch) ?? []), step]);
  return [...batches.entries()].sort(([a], [b]) => a - b).map(([, batch]) => batch);
}

async function runBatch(
  run: WaveRun,
  batch: readonly PlanStep[],
  done: Map<number, StepResultRow>,
): Promise<void> {
  const queue = [...batch];
  const lane = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      run.signal.throwIfAborted();
      done.set(step.step, await runStep(run, step));
    }
  };
  // All lanes have to end before this does: a write that goes on after the activity has ended can't be fenced.
  const lanes = await Promise.allSettled(
    Array.from({ length: Math.min(parallelWrites, queue.length) }, lane),
  );
  for (const one of lanes) if (one.status === 'rejected') throw one.reason;
  await run.deps.faults.reach('batch-applied');
}

async function runStep(run: WaveRun, step: PlanStep): Promise<StepResultRow> {
  const startedAt = new Date();
  const outcome = await attemptStep(run, step);
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
async function attemptStep(run: WaveRun, step: PlanStep): Promise<StepOutcome> {
  const { deps, ref } = run;
  let startedAt = performance.now();
  for (let tries = 1; ; tries++) {
    const giveUpAt = startedAt + patienceMilliseconds;
    const client = await deps.clusterFor(ref.clusterId);
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

/** What failed a step. A fault of ours is like a refusal of which nothing is known; what isn't about the step is thrown. */
function failureOf({ signal }: WaveRun, { key }: PlanStep, cause: unknown): KeelsonError {
  if (cause instanceof KeelsonError) return cause;
  // Without the store nothing could be recorded.
  if (signal.aborted || isStoreAway(cause)) throw cause;
  return new ObjectError('internal', key, describeError(cause), { passing: 'unexplained', cause });
}

/** A step that failed for good; but a deletion outlasts the absence of its cluster: the workflow says so and waits. */
function giveUp(run: WaveRun, step: PlanStep, error: KeelsonError): StepOutcome {
  if (run.operation.kind === 'delete' && error.code === 'cluster-unreachable') {
    throw new KeelsonError(error.code, error.message, { cause: error });
  }
  return failedOutcome(run, step, error);
}

function contextOf(run: WaveRun, step: PlanStep, client: ClusterClient): StepContext {
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
async function openWriteWait(run: WaveRun, step: PlanStep, error: KeelsonError, left: number): Promise<void> {
  run.waiting.add(step.step);
  await openClusterWait(run.deps, run.ref, {
    steps: [step.step],
    keys: [step.key],
    reason: `writing ${formatKey(step.key)} failed and is tried again: ${error.message}`,
    deadline: new Date(Date.now() + left),
  });
}

/** A step that waits inside a batch, for an object of an earlier sync that somebody else holds. */
async function openDeletionWait(run: WaveRun, step: PlanStep, live: Manifest): Promise<void> {
  const { clusterId, phase, wave } = run.ref;
  const state = assessPrune({ ...step, uid: live.metadata.uid ?? '' }, live);
  run.waiting.add(step.step);
  await tellWait(run.deps.db, run.ref, {
    ...{ clusterId, phase, wave, kind: 'deletion' },
    steps: [step.step],
    keys: [step.key],
    reason: waitReason([{ step: { ...step, action: 'prune' }, state }]),
    deadline: null,
  });
}

/** A dry run passes what it can't tell about: what the sync brings would have been there in a real run. */
function failedOutcome(run: WaveRun, step: PlanStep, error: KeelsonError): StepOutcome {
  const excuse = run.arrivals && excuseOf(error, step.key, run.arrivals);
  return excuse === undefined
    ? { status: 'SyncFailed', message: error.message }
    : { status: 'Synced', message: `${kubectlName(step.key)} not checked (dry run): ${excuse}` };
}

/** The first few failures in full; the rest stand in their own results. */
function failureMessage(messages: readonly string[]): string {
  return `one or more objects failed to apply, reason: ${joinCauses(messages, 3)}`;
}
