import { KeelsonError } from '../../core/errors.ts';
import { takeFence } from '../../db/queries/operation/fence.ts';
import { addTiming } from '../../db/queries/operation/operation.ts';
import { type OperationState, operationState } from '../../db/queries/operation/operation-state.ts';
import { type PlanRow, type StepResultRow, stepResultsOf } from '../../db/queries/operation/plan.ts';
import type { AttemptRef } from '../../workflows/messages.ts';
import type { ApplyDeps } from '../deps.ts';
import type { JustAdmitted } from '../operation/admit.ts';
import { createStepLog, type StepLog } from './step-log.ts';

/** One run of an activity that writes for an attempt, for as long as no other run takes the fence. */
export type AttemptRun = {
  readonly deps: ApplyDeps;
  readonly ref: AttemptRef;
  /** The operation as it stood when the run took the fence. */
  readonly state: OperationState & { readonly plan: PlanRow };
  readonly token: number;
  /** Results by step; a step that has one is never carried out again. */
  readonly done: Map<number, StepResultRow>;
  readonly log: StepLog;
  /** Steps that have said what they wait for. */
  readonly waiting: Set<number>;
  readonly signal: AbortSignal;
};

/**
 * Takes the fence, then reads what there is: from then on no earlier run can add a result, so these are all. Whoever has
 * just given the attempt the fence knows the state, and that there are none.
 */
export async function takeAttempt(
  deps: ApplyDeps,
  ref: AttemptRef,
  { signal, fresh }: { readonly signal: AbortSignal; readonly fresh?: JustAdmitted | undefined },
): Promise<AttemptRun> {
  const { token, state, results } =
    fresh === undefined ? await readAttempt(deps, ref) : { ...fresh, results: [] };
  const { plan } = state ?? {};
  if (state === undefined || plan === undefined) {
    throw new KeelsonError(
      'not-found',
      `operation ${ref.operationId} has no plan for attempt ${ref.attempt}`,
    );
  }
  return {
    ...{ deps, ref, token, signal },
    state: { ...state, plan },
    done: new Map(results.map((result) => [result.step, result])),
    log: createStepLog(deps.db, { holder: ref, token }),
    waiting: new Set(),
  };
}

async function readAttempt(deps: ApplyDeps, ref: AttemptRef) {
  const token = await takeFence(deps.db, ref);
  const [state, results] = await Promise.all([
    operationState(deps.db, ref.operationId),
    stepResultsOf(deps.db, ref),
  ]);
  return { token, state, results };
}

/** Runs what writes; however it ends, its results are recorded, and the time that it took. */
export async function recorded<T>(run: AttemptRun, write: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await write();
  } finally {
    await run.log.flush();
    await addTiming(run.deps.db, run.ref.operationId, 'apply', performance.now() - startedAt);
  }
}
