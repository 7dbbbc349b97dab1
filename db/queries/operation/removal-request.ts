import { and, eq, isNotNull, isNull, notExists, sql } from 'drizzle-orm';
import { shownName } from '../../../core/application/home.ts';
import { KeelsonError } from '../../../core/errors.ts';
import {
  automation,
  homeInitiator,
  type Initiator,
  userInitiator,
} from '../../../core/sync/operation/initiator.ts';
import { deletionRequest } from '../../../core/sync/operation/operation.ts';
import { type DeletionRequest, type RequestedDeletion, wayOut } from '../../../core/sync/walk/deletion.ts';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { operations } from '../../schema/operation.ts';
import {
  type ApplicationRow,
  getApplication,
  lockApplication,
  nextGeneration,
} from '../application/application.ts';
import { recordModified } from '../application/change.ts';
import { liveOperation, type OperationRow, requestTermination } from './operation.ts';
import { requestOperation } from './operation-request.ts';
import { destinationOf, endFailedDeletion, endOrphaning, lastKnown } from './removal.ts';

/**
 * How far a deletion has come: `stopping`, a sync has to end first; `requested`, its workflow is to be started;
 * `running`, it was asked for before; `ended`, there was nothing to carry out.
 */
export type DeletionProgress = {
  readonly state: 'stopping' | 'requested' | 'running' | 'ended';
  readonly operation: OperationRow;
};

/** Who asks for a deletion, what for, and the finalizers that say so on the application. */
export type DeletionAsk = {
  readonly request: DeletionRequest;
  readonly username: string;
  readonly finalizers: readonly string[];
  /** Keelson's own namespace, for the application's name in the audit. */
  readonly home: string;
  /** The object in the home cluster that is being deleted, and since when. */
  readonly object?: { readonly uid: string; readonly deletedAt: Date };
};

/**
 * Asks for the deletion of an application, all of it in one transaction: a running sync is told to stop, a running
 * deletion takes what is new of the request, and where nothing runs the operation's row is made. Undefined when the
 * application is gone.
 */
export function requestDeletion(
  db: Database,
  applicationId: string,
  ask: DeletionAsk,
): Promise<DeletionProgress | undefined> {
  return db.transaction(async (tx) => {
    const row = await lockApplication(tx, applicationId);
    if (row === undefined) return undefined;
    const live = await liveOperation(tx, applicationId);
    if (live?.kind === 'delete') return { state: 'running', operation: await amend(tx, live, ask) };
    const { username } = ask;
    const skipPreDelete = row.deletionFailure?.preDeleteDone === true;
    const object = ask.object?.uid ?? row.deletion?.object;
    const since =
      ask.object === undefined ? sql`now()` : sql`${ask.object.deletedAt.toISOString()}::timestamptz`;
    const deletion: RequestedDeletion = {
      ...ask.request,
      ...(skipPreDelete ? { skipPreDelete } : {}),
      username,
      finalizers: row.deletion?.finalizers ?? row.finalizers,
      ...(object === undefined ? {} : { object }),
    };
    await tx
      .update(applications)
      .set({
        deletion,
        deletionRequestedAt: sql`coalesce(${applications.deletionRequestedAt}, ${since})`,
        finalizers: [...ask.finalizers],
        ...nextGeneration(row, { ...row, finalizers: ask.finalizers }),
      })
      .where(eq(applications.id, applicationId));
    await recordModified(tx, applicationId);
    return proceed(tx, (await getApplication(tx, applicationId)) ?? row, ask.home);
  });
}

/** Carries a deletion that was asked for one step on; undefined when none waits. May be called any number of times. */
export function proceedDeletion(
  db: Database,
  applicationId: string,
  home: string,
): Promise<DeletionProgress | undefined> {
  return db.transaction(async (tx) => {
    const row = await lockApplication(tx, applicationId);
    if (row === undefined || row.deletionRequestedAt === null || row.deletion?.stopped) return undefined;
    return proceed(tx, row, home);
  });
}

/** Whether a deletion that was asked for isn't stopped. */
const isGoingOn = sql`coalesce(${applications.deletion} ->> 'stopped', 'false') = 'false'`;

/** Ids of applications whose deletion was asked for and that no deletion, nor a stopping sync, works on. */
export async function waitingDeletions(db: Database): Promise<string[]> {
  const busy = db
    .select({ one: sql`1` })
    .from(operations)
    .where(
      and(
        eq(operations.applicationId, applications.id),
        isNull(operations.finishedAt),
        sql`(${operations.kind} = 'delete' or ${operations.terminateRequestedAt} is not null)`,
      ),
    );
  const rows = await db
    .select({ id: applications.id })
    .from(applications)
    .where(and(isNotNull(applications.deletionRequestedAt), isGoingOn, notExists(busy)))
    .limit(500);
  return rows.map(({ id }) => id);
}

async function proceed(tx: Database, row: ApplicationRow, home: string): Promise<DeletionProgress> {
  const stopping = await stopLive(tx, row);
  if (stopping !== undefined) return stopping;
  try {
    return await begin(tx, row, home);
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.code !== 'precondition-failed') throw error;
    // A sync was committed between the look and the insert: it is stopped like any other.
    const late = await stopLive(tx, row);
    if (late === undefined) throw error;
    return late;
  }
}

async function stopLive(tx: Database, row: ApplicationRow): Promise<DeletionProgress | undefined> {
  const live = await liveOperation(tx, row.id);
  if (live === undefined) return undefined;
  if (live.kind === 'delete') return { state: 'running', operation: live };
  const stopped = live.terminateRequestedAt === null ? await requestTermination(tx, row.id) : live;
  return { state: 'stopping', operation: stopped ?? live };
}

/** Makes the operation's row; where no cluster is to be changed, or none can be, it has ended already. */
async function begin(tx: Database, row: ApplicationRow, home: string): Promise<DeletionProgress> {
  const { username, finalizers: _, object: __, ...deletion } = row.deletion ?? automatic;
  const operation = await requestOperation(tx, {
    application: row,
    kind: 'delete',
    initiatedBy: initiatorOf(row.deletion),
    request: { ...deletionRequest, deletion },
  });
  if (deletion.cascade === 'none' && deletion.hooksAlone !== true) {
    await endOrphaning(tx, operation, { actor: username, home, report: lastKnown(row) });
    return { state: 'ended', operation };
  }
  if (row.clusterId !== null) return { state: 'requested', operation };
  const message =
    `destination ${destinationOf(row.spec)} is not a registered cluster, so nothing can be deleted there; ` +
    `add the cluster and ${wayOut(shownName(row, home))}`;
  await endFailedDeletion(tx, operation, {
    phase: 'Failed',
    message,
    home,
    preDeleteDone: false,
  });
  return { state: 'ended', operation: { ...operation, phase: 'Failed', message } };
}

function initiatorOf(deletion: RequestedDeletion | null): Initiator {
  if (deletion === null) return automation;
  const { username } = deletion;
  return username === homeInitiator.username ? homeInitiator : userInitiator(username);
}

const automatic: RequestedDeletion = { cascade: 'foreground', username: '', finalizers: [] };

/** What is new of a request while the deletion runs: objects are given up, or it gets a deadline. */
async function amend(tx: Database, live: OperationRow, ask: DeletionAsk): Promise<OperationRow> {
  const { cascade, deadlineSeconds } = ask.request;
  if (cascade === 'none') {
    await tx
      .update(operations)
      .set({ orphanRequestedBy: sql`coalesce(${operations.orphanRequestedBy}, ${ask.username})` })
      .where(eq(operations.id, live.id));
    return (await requestTermination(tx, live.applicationId)) ?? live;
  }
  if (deadlineSeconds === undefined) return live;
  const deletion = live.request.deletion ?? { cascade };
  const sofar = (Date.now() - live.requestedAt.getTime()) / 1000;
  const [amended] = await tx
    .update(operations)
    .set({
      request: { ...live.request, deletion: { ...deletion, deadlineSeconds: sofar + deadlineSeconds } },
    })
    .where(eq(operations.id, live.id))
    .returning();
  await recordModified(tx, live.applicationId);
  return amended ?? live;
}
