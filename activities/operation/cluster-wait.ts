import { Context } from '@temporalio/activity';
import { KeelsonError } from '../../core/errors.ts';
import { closeWaitsOfKind, type NewWait, nowhere, tellWait } from '../../db/queries/operation/wait.ts';
import type { AttemptRef, GroupRef } from '../../workflows/messages.ts';
import type { RecordDeps } from '../deps.ts';

/** Opens or renews the wait that says why something is asked of a cluster again and again. */
export async function openClusterWait(
  deps: Pick<RecordDeps, 'db'>,
  ref: AttemptRef | GroupRef,
  wait: Pick<NewWait, 'steps' | 'keys' | 'reason' | 'deadline'>,
): Promise<void> {
  const { phase, wave } = 'phase' in ref ? ref : nowhere;
  await tellWait(deps.db, ref, { clusterId: null, kind: 'cluster', phase, wave, ...wait });
}

/** Runs of an activity that fail without a word: the next one comes within a second. */
const quietRuns = 2;

/**
 * Runs an activity that needs the cluster. While it fails for a passing reason, and so is run again and again, the
 * operation says what could not be done and why.
 */
export async function tellingOfCluster<T>(
  deps: Pick<RecordDeps, 'db'>,
  ref: AttemptRef | GroupRef,
  what: string,
  run: () => Promise<T>,
): Promise<T> {
  const runs = Context.current().info.attempt;
  try {
    const done = await run();
    if (runs > quietRuns) await closeWaitsOfKind(deps.db, ref.operationId, ['cluster']);
    return done;
  } catch (error) {
    if (error instanceof KeelsonError && error.retryable && runs > quietRuns) {
      const reason = `${what} failed and is tried again: ${error.message}`;
      await openClusterWait(deps, ref, { steps: [], keys: [], reason, deadline: null });
    }
    throw error;
  }
}
