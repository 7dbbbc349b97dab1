import { settlePush } from '../../control/access/accept-push.ts';
import type { Retention } from '../../core/settings/retention.ts';
import type { Database } from '../../db/client.ts';
import { waitingRefreshes } from '../../db/queries/application/refresh-request.ts';
import { listClusters } from '../../db/queries/cluster/cluster.ts';
import { forgetWorkers, markWorkerSeen } from '../../db/queries/cluster/worker.ts';
import { openActions } from '../../db/queries/installation/action.ts';
import { wakeHeldSyncs } from '../../db/queries/operation/held-sync.ts';
import {
  type OperationRow,
  runningOperations,
  waitingOperations,
  waitingTerminations,
} from '../../db/queries/operation/operation.ts';
import { proceedDeletion, waitingDeletions } from '../../db/queries/operation/removal-request.ts';
import { waitingSuccessions } from '../../db/queries/operation/succession.ts';
import { unsettledDeliveries } from '../../db/queries/repository/webhook.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Logger } from '../../platform/logger.ts';
import { type Repeated, repeat } from './repeat.ts';
import { createForgetting } from './retention.ts';

const sweepMilliseconds = 2000;
/** Rows younger than this are left to whoever wrote them. */
const graceSeconds = 2;
/** Every so many sweeps sessions are ensured, one call per cluster, and what nothing needs is removed. */
const thoroughEvery = 10;
/** An operation is told of its successor with every sweep for this long, later now and then: a hook may hold it up for days. */
const oftenToldSeconds = 30;

/** Operations that run for longer than this are looked after: their workflow may be lost with Temporal's store. */
const settledInSeconds = 15;

type SweepDeps = {
  readonly db: Database;
  readonly engine: Engine;
  readonly log: Logger;
  /** The worker that sweeps: that it lives is said with every sweep. */
  readonly instance: string;
  readonly homeNamespace: string;
  /** Whether objects of the home cluster are what holds. */
  readonly bridged: boolean;
  /** For how long what is stored is kept. */
  readonly retention: () => Retention;
};

/**
 * Starts what a crash left between a committed row and its workflow: the one loop outside the engine. Every call it
 * makes may be repeated, so any number of processes may sweep.
 */
export function startSweeper(deps: SweepDeps): Repeated {
  const forgetting = createForgetting(deps);
  return repeat({ name: 'sweep', milliseconds: sweepMilliseconds, log: deps.log }, async (round) => {
    const thorough = round % thoroughEvery === 0;
    await sweep(deps, { thorough });
    if (thorough) await forgetting.run(deps.retention());
  });
}

/** Stops the sync of an application that is to be deleted, or starts the deletion once nothing runs. */
async function carryOn(
  { db, engine, homeNamespace }: Omit<SweepDeps, 'retention'>,
  applicationId: string,
): Promise<void> {
  const deletion = await proceedDeletion(db, applicationId, homeNamespace);
  if (deletion === undefined) return;
  const { state, operation } = deletion;
  if (state === 'stopping') await engine.nudgeOperation(operation);
  if (state === 'requested' && operation.clusterId !== null) {
    await engine.startOperation({ ...operation, clusterId: operation.clusterId });
  }
}

async function start(engine: Engine, operation: OperationRow): Promise<void> {
  if (operation.clusterId === null) return;
  await engine.startOperation({ ...operation, clusterId: operation.clusterId });
}

/** One sweep; exported for tests. */
export async function sweep(deps: Omit<SweepDeps, 'retention'>, now: { thorough: boolean }): Promise<void> {
  const { db, engine, instance, log } = deps;
  await markWorkerSeen(db, instance);
  for (const operation of await waitingOperations(db, graceSeconds)) await start(engine, operation);
  for (const operation of await waitingTerminations(db, graceSeconds)) await engine.nudgeOperation(operation);
  const recent = now.thorough ? undefined : oftenToldSeconds;
  for (const operation of await waitingSuccessions(db, recent)) await engine.nudgeOperation(operation);
  await wakeHeldSyncs(db);
  // All at once: those of one share have one wake-up.
  const refreshes = await waitingRefreshes(db, graceSeconds);
  await engine.refreshApplications(refreshes.map(({ applicationId }) => applicationId));
  for (const applicationId of await waitingDeletions(db)) await carryOn(deps, applicationId);
  // The applications that it raises are started with the next sweep.
  for (const delivery of await unsettledDeliveries(db, graceSeconds)) {
    await settlePush({ db, engine }, delivery);
  }
  if (!now.thorough) return;
  // Starting what runs does nothing; what was lost, or stopped by force, goes on from its rows.
  for (const operation of await runningOperations(db, settledInSeconds)) await start(engine, operation);
  for (const actionId of await openActions(db, settledInSeconds)) await engine.startAction(actionId);
  await forgetWorkers(db);
  for (const cluster of await listClusters(db)) await engine.ensureClusterSession(cluster.id);
  if (deps.bridged) await engine.ensureHomeSession();
  // The operations among them are started anew with the next such sweep, as others that were stopped by force.
  for (const { workflowId, events } of await engine.endLongRuns()) {
    log.warn({ workflow: workflowId, events }, 'workflow had grown too long a history and was begun again');
  }
}
