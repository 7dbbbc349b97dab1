import { syncTimeoutAnnotation } from '../../core/object/annotations.ts';
import { rulesOf } from '../../core/sync/operation/initiator.ts';
import { isPinned } from '../../core/sync/operation/pinned.ts';
import { readDuration } from '../../core/text/duration.ts';
import { requestExpiry } from '../../db/queries/operation/operation.ts';
import { admitOperation, limitTime } from '../../db/queries/operation/operation-life.ts';
import { type OperationState, operationState } from '../../db/queries/operation/operation-state.ts';
import { closeWaitsOfKind } from '../../db/queries/operation/wait.ts';
import type {
  Admission,
  AttemptRef,
  AttemptStart,
  OperationInput,
  StopWish,
} from '../../workflows/messages.ts';
import type { Fresh } from '../apply/wave.ts';
import type { RecordDeps } from '../deps.ts';
import { summaryOf } from '../plan/plan.ts';

export function admitActivities(deps: RecordDeps) {
  return {
    /**
     * Starts a requested operation, or takes a started one up again after a crash: everything a fresh run of its
     * workflow needs to go on is read from rows.
     */
    admitOperation: async (input: OperationInput): Promise<Admission> =>
      (await admission(deps, input)).answer,

    /** What is asked of an operation before its next attempt starts; the pause before it is over. */
    async beginAttempt(ref: AttemptRef): Promise<AttemptStart> {
      const state = await operationState(deps.db, ref.operationId);
      if (state === undefined || state.operation.finishedAt !== null)
        return { wish: 'terminate', rendered: true };
      await closeWaitsOfKind(deps.db, ref.operationId, ['retry']);
      return { wish: wishOf(state), rendered: isPinned(state.operation, state.operation.attempt) };
    },

    /** Whether somebody or something newer asks for the operation's end: rows are the truth, whatever signals came. */
    async readStop(ref: OperationInput): Promise<{ wish: StopWish }> {
      return { wish: wishOf(await operationState(deps.db, ref.operationId)) };
    },

    /** Asks for the end of an operation whose time is up. */
    async expireOperation(ref: OperationInput): Promise<void> {
      await requestExpiry(deps.db, ref);
    },
  };
}

/** Admits an operation; `fresh` where no run of its workflow was before this one. */
export async function admission(
  deps: RecordDeps,
  { operationId, applicationId }: OperationInput,
): Promise<{ readonly answer: Admission; readonly fresh?: Fresh }> {
  const admitted = await admitOperation(deps.db, { id: operationId, applicationId });
  if (admitted === undefined) return { answer: { state: 'ended' } };
  const { state, token, isFirst } = admitted;
  const { operation, plan, pause } = state;
  const timeoutSeconds = timeoutOf(deps, state);
  const deadline =
    operation.deadline ??
    (timeoutSeconds > 0 ? await limitTime(deps.db, operation.id, timeoutSeconds) : null);
  const answer: Admission = {
    state: 'admitted',
    attempt: operation.attempt,
    wish: wishOf(state),
    rendered: isPinned(operation, operation.attempt),
    ...(plan === undefined ? {} : { plan: summaryOf(plan) }),
    ...(pause?.deadline == null ? {} : { pauseMilliseconds: millisecondsUntil(pause.deadline) }),
    ...(deadline === null ? {} : { timeoutMilliseconds: millisecondsUntil(deadline) }),
  };
  return { answer, ...(isFirst ? { fresh: { token, state } } : {}) };
}

function wishOf(state: OperationState | undefined): StopWish {
  if (state === undefined) return 'terminate';
  const { operation, successor } = state;
  if (operation.finishedAt !== null || operation.terminateRequestedAt !== null) return 'terminate';
  if (operation.kind !== 'sync' || !rulesOf(operation.initiatedBy).givesWay) return 'none';
  return successor === undefined ? 'none' : 'supersede';
}

function millisecondsUntil(time: Date): number {
  return Math.max(0, time.getTime() - Date.now());
}

/**
 * The application's own timeout in seconds, else the installation's; one that can't be read counts as not given, and a
 * condition says so.
 */
function timeoutOf(deps: RecordDeps, { annotations }: OperationState): number {
  const text = annotations[syncTimeoutAnnotation];
  const own = text === undefined ? undefined : readDuration(text);
  return own ?? deps.settings.current().syncTimeoutSeconds;
}
