import { syncTimeoutAnnotation } from '../../core/object/annotations.ts';
import { deadlineOf } from '../../core/sync/operation/deadline.ts';
import { rulesOf } from '../../core/sync/operation/initiator.ts';
import { isPinned } from '../../core/sync/operation/pinned.ts';
import { readDuration } from '../../core/text/duration.ts';
import { getOperation, requestExpiry } from '../../db/queries/operation/operation.ts';
import { admit, limitTime } from '../../db/queries/operation/operation-life.ts';
import { type OperationState, operationState } from '../../db/queries/operation/operation-state.ts';
import { closeWaitsOfKind } from '../../db/queries/operation/wait.ts';
import type {
  Admission,
  AttemptRef,
  AttemptStart,
  OperationInput,
  StopRequest,
  StopState,
} from '../../workflows/messages.ts';
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

    /** What is known of an operation before its next attempt starts; the pause before it is over. */
    async beginAttempt(ref: AttemptRef): Promise<AttemptStart> {
      const state = await operationState(deps.db, ref.operationId);
      if (state === undefined) return { requested: 'terminate', rendered: true };
      await closeWaitsOfKind(deps.db, ref.operationId, ['retry']);
      return { ...stopStateOf(state), rendered: isPinned(state.operation, state.operation.attempt) };
    },

    /** What requests the operation's end, or will: rows are the truth, whatever signals came. */
    readStop: async (ref: OperationInput): Promise<StopState> =>
      stopStateOf(await operationState(deps.db, ref.operationId)),

    /** Requests the end of an operation whose time is up; one that was given more time goes on. */
    async expireOperation(ref: OperationInput): Promise<void> {
      const operation = await getOperation(deps.db, ref.operationId);
      const deadline = operation === undefined ? null : deadlineOf(operation);
      if (deadline === null || deadline.getTime() > Date.now()) return;
      await requestExpiry(deps.db, ref, deadline);
    },
  };
}

/** What an operation starts with; with `fresh` where no run of its workflow was before this one. */
export type Admitted = {
  readonly answer: Admission;
  readonly fresh?: JustAdmitted;
};

/** What whoever has just given an attempt the fence knows: nobody else has written anything of it. */
export type JustAdmitted = { readonly token: number; readonly state: OperationState };

/** Admits an operation. */
export async function admission(
  deps: RecordDeps,
  { operationId, applicationId }: OperationInput,
): Promise<Admitted> {
  const admitted = await admit(deps.db, { id: operationId, applicationId });
  if (admitted === undefined) return { answer: { state: 'ended' } };
  const { token, isFirst } = admitted;
  const state = await timed(deps, admitted.state);
  const { operation, plan, pause } = state;
  const answer: Admission = {
    state: 'admitted',
    attempt: operation.attempt,
    ...stopStateOf(state),
    rendered: isPinned(operation, operation.attempt),
    ...(plan === undefined ? {} : { plan: summaryOf(plan) }),
    ...(pause?.deadline == null ? {} : { pauseMilliseconds: millisecondsUntil(pause.deadline) }),
  };
  return { answer, ...(isFirst ? { fresh: { token, state } } : {}) };
}

/** An operation with its deadline, which a sync gets with its first start. */
async function timed(deps: RecordDeps, state: OperationState): Promise<OperationState> {
  const { operation } = state;
  const timeoutSeconds = timeoutOf(deps, state);
  if (operation.kind !== 'sync' || operation.deadline !== null || timeoutSeconds <= 0) return state;
  const deadline = await limitTime(deps.db, operation.id, timeoutSeconds);
  return { ...state, operation: { ...operation, deadline } };
}

function stopStateOf(state: OperationState | undefined): StopState {
  const requested = requestedOf(state);
  const deadline = state === undefined || requested === 'terminate' ? null : deadlineOf(state.operation);
  if (deadline === null) return { requested };
  return {
    requested,
    limit: { until: deadline.toISOString(), milliseconds: millisecondsUntil(deadline) },
  };
}

function requestedOf(state: OperationState | undefined): StopRequest {
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
function timeoutOf(deps: RecordDeps, { annotations }: Pick<OperationState, 'annotations'>): number {
  const text = annotations[syncTimeoutAnnotation];
  const own = text === undefined ? undefined : readDuration(text);
  return own ?? deps.settings.current().syncTimeoutSeconds;
}
