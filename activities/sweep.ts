import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/client.ts';
import { forgetChanges } from '../db/queries/change.ts';
import { listClusters } from '../db/queries/cluster.ts';
import { waitingRefreshes } from '../db/queries/dirty.ts';
import { waitingOperations, waitingTerminations } from '../db/queries/operation.ts';
import { proceedDeletion, waitingDeletions } from '../db/queries/removal-request.ts';
import type { Logger } from '../platform/logger.ts';
import type { Engine } from '../workflows/engine.ts';

const sweepMilliseconds = 2000;
/** Rows younger than this are left to whoever wrote them. */
const graceSeconds = 2;
/** Every so many sweeps sessions are ensured, one call per cluster, and the change log is cut. */
const thoroughEvery = 10;
/** A stream that was away for longer starts with a full list anyway. */
const changesKeptHours = 24;

type SweepDeps = { readonly db: Database; readonly engine: Engine; readonly log: Logger };

/**
 * Starts what a crash left between a committed row and its workflow: the one loop outside the engine. Every call it
 * makes may be repeated, so any number of processes may sweep.
 */
export function startSweeper(deps: SweepDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const ended = run(deps, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

async function run(deps: SweepDeps, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round++) {
    try {
      await sweep(deps, { thorough: round % thoroughEvery === 0 });
    } catch (error) {
      // Postgres or Temporal is away: the next round finds the same rows.
      deps.log.warn({ error: String(error) }, 'sweep failed and is tried again');
    }
    await sleep(sweepMilliseconds, undefined, { signal }).catch(() => {
      // Stopping ends the pause; the loop ends with it.
    });
  }
}

/** Stops the sync of an application that is to be deleted, or starts the deletion once nothing runs. */
async function carryOn(
  { db, engine }: Pick<SweepDeps, 'db' | 'engine'>,
  applicationId: string,
): Promise<void> {
  const deletion = await proceedDeletion(db, applicationId);
  if (deletion === undefined) return;
  const { state, operation } = deletion;
  if (state === 'stopping') await engine.nudgeOperation(operation);
  if (state === 'requested' && operation.clusterId !== null) {
    await engine.startOperation({ ...operation, clusterId: operation.clusterId });
  }
}

/** One sweep; exported for tests. */
export async function sweep({ db, engine }: SweepDeps, now: { thorough: boolean }): Promise<void> {
  for (const operation of await waitingOperations(db, graceSeconds)) {
    if (operation.clusterId !== null) {
      await engine.startOperation({ ...operation, clusterId: operation.clusterId });
    }
  }
  for (const operation of await waitingTerminations(db, graceSeconds)) await engine.nudgeOperation(operation);
  for (const { applicationId } of await waitingRefreshes(db, graceSeconds)) {
    await engine.refreshApplication(applicationId);
  }
  for (const applicationId of await waitingDeletions(db)) await carryOn({ db, engine }, applicationId);
  if (!now.thorough) return;
  await forgetChanges(db, changesKeptHours);
  for (const cluster of await listClusters(db)) await engine.ensureClusterSession(cluster.id);
}
