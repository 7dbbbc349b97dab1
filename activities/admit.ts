import { readDuration } from '../core/duration.ts';
import { syncTimeoutAnnotation } from '../core/object/annotations.ts';
import { annotationsOf } from '../db/queries/application.ts';
import { getOperation, type OperationRow, requestExpiry } from '../db/queries/operation.ts';
import { admit } from '../db/queries/operation-life.ts';
import { findPlan } from '../db/queries/plan.ts';
import { findSuccessor } from '../db/queries/succession.ts';
import { closeWaitsOfKind, openWaitOfKind } from '../db/queries/wait.ts';
import type { Admission, AttemptRef, AttemptStart, OperationInput, StopWish } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';

export function admitActivities(deps: Deps) {
  return {
    /**
     * Starts a requested operation, or takes a started one up again after a crash: everything a fresh run of its
     * workflow needs to go on is read from rows.
     */
    async admitOperation(input: OperationInput): Promise<Admission> {
      const row = await admit(deps.db, input.operationId, await timeoutSeconds(deps, input));
      if (row === undefined) return { state: 'ended' };
      const pause = await openWaitOfKind(deps.db, {
        operationId: row.id,
        attempt: row.attempt,
        kind: 'retry',
      });
      const plan = await findPlan(deps.db, { operationId: row.id, attempt: row.attempt });
      return {
        state: 'admitted',
        attempt: row.attempt,
        terminating: row.terminateRequestedAt !== null,
        wish: await wishOf(deps, row),
        rendered: isRendered(row),
        planned: plan !== undefined,
        ...(pause?.deadline == null ? {} : { pauseMilliseconds: millisecondsUntil(pause.deadline) }),
        ...(row.deadline === null ? {} : { timeoutMilliseconds: millisecondsUntil(row.deadline) }),
      };
    },

    /** What is asked of an operation before its next attempt starts; the pause before it is over. */
    async beginAttempt(ref: AttemptRef): Promise<AttemptStart> {
      const row = await getOperation(deps.db, ref.operationId);
      if (row === undefined || row.finishedAt !== null) return { wish: 'terminate', rendered: true };
      await closeWaitsOfKind(deps.db, row.id, ['retry']);
      return { wish: await wishOf(deps, row), rendered: isRendered(row) };
    },

    /** Whether somebody or something newer asks for the operation's end: rows are the truth, whatever signals came. */
    async readStop(ref: OperationInput): Promise<{ wish: StopWish }> {
      return { wish: await wishOf(deps, await getOperation(deps.db, ref.operationId)) };
    },

    /** Asks for the end of an operation whose time is up. */
    async expireOperation(ref: OperationInput): Promise<void> {
      await requestExpiry(deps.db, ref);
    },
  };
}

async function wishOf(deps: Deps, row: OperationRow | undefined): Promise<StopWish> {
  if (row === undefined || row.finishedAt !== null || row.terminateRequestedAt !== null) return 'terminate';
  if (row.kind !== 'sync' || !row.initiatedBy.automated) return 'none';
  return (await findSuccessor(deps.db, row.applicationId)) === undefined ? 'none' : 'supersede';
}

/** A render that is pinned serves every attempt, unless the request asks for the newest revision each time. */
function isRendered(row: OperationRow): boolean {
  return row.renderId !== null && !(row.request.retry.refresh && row.attempt > 1);
}

function millisecondsUntil(time: Date): number {
  return Math.max(0, time.getTime() - Date.now());
}

/** The application's own timeout, else the installation's; one that can't be read counts as not given. */
async function timeoutSeconds(deps: Deps, input: OperationInput): Promise<number> {
  const text = (await annotationsOf(deps.db, input.applicationId))?.[syncTimeoutAnnotation];
  const own = text === undefined ? undefined : readDuration(text);
  if (text !== undefined && own === undefined) {
    deps.log.warn(
      { applicationId: input.applicationId, annotation: syncTimeoutAnnotation, text },
      'sync timeout of the application cannot be read and is not applied; write a duration such as 30m',
    );
  }
  return own ?? deps.settings.current().syncTimeoutSeconds;
}
