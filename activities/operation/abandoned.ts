import { workerTimeoutSeconds } from '../../core/sync/operation/presumed-wait.ts';
import type { Database } from '../../db/client.ts';
import { secondsSinceWorker } from '../../db/queries/cluster/worker.ts';
import { waitingTerminations } from '../../db/queries/operation/operation.ts';
import { endOperation } from '../../db/queries/operation/operation-life.ts';
import { endFailedDeletion } from '../../db/queries/operation/removal.ts';
import type { Logger } from '../../platform/logger.ts';
import { type Repeated, repeat } from './repeat.ts';

const lookMilliseconds = 5000;

const outcome = {
  phase: 'Failed',
  message:
    'Operation terminated: no worker was there to end it, so its hooks were left as they were; start a worker to sync again',
  inHistory: false,
} as const;

type AbandonedDeps = { readonly db: Database; readonly homeNamespace: string };

/**
 * Ends operations that somebody wants to end while no worker lives that could: terminating always comes to an end. A
 * worker that wakes up later finds the fence closed and writes nothing.
 */
export function startEndingAbandoned(deps: AbandonedDeps & { readonly log: Logger }): Repeated {
  return repeat({ name: 'ending abandoned operations', milliseconds: lookMilliseconds, log: deps.log }, () =>
    endAbandoned(deps),
  );
}

/** One round of it; exported for tests. */
export async function endAbandoned({ db, homeNamespace: home }: AbandonedDeps): Promise<void> {
  const abandoned = await waitingTerminations(db, workerTimeoutSeconds);
  if (abandoned.length === 0) return;
  const silence = await secondsSinceWorker(db);
  if (silence !== undefined && silence <= workerTimeoutSeconds) return;
  for (const operation of abandoned) {
    if (operation.kind === 'sync') await endOperation(db, operation, outcome);
    else {
      const { phase, message } = outcome;
      await endFailedDeletion(db, operation, {
        phase,
        message,
        home,
        terminated: true,
        preDeleteDone: false,
      });
    }
  }
}
