import { and, desc, eq, isNull, lt, type SQL, sql } from 'drizzle-orm';
import type { OperationPhase } from '../../../core/sync/operation/operation.ts';
import type { Database } from '../../client.ts';
import { operations } from '../../schema/operation.ts';
import { changeRows } from '../../statement.ts';
import { before } from '../../times.ts';
import { recordModified } from '../application/change.ts';

export type OperationRow = typeof operations.$inferSelect;

export async function getOperation(db: Database, id: string): Promise<OperationRow | undefined> {
  const [row] = await db.select().from(operations).where(eq(operations.id, id));
  return row;
}

/** The operation of an application that has not ended, if there is one. */
export async function liveOperation(db: Database, applicationId: string): Promise<OperationRow | undefined> {
  const [row] = await db
    .select()
    .from(operations)
    .where(and(eq(operations.applicationId, applicationId), isNull(operations.finishedAt)));
  return row;
}

/** Operations of an application, newest first. */
export function listOperations(db: Database, applicationId: string, limit: number): Promise<OperationRow[]> {
  return db
    .select()
    .from(operations)
    .where(eq(operations.applicationId, applicationId))
    .orderBy(desc(operations.requestedAt))
    .limit(limit);
}

/** The sync that a history id of an application stands for. */
export async function findDeployment(
  db: Database,
  applicationId: string,
  historyId: number,
): Promise<OperationRow | undefined> {
  // Ids are counted in 32 bits; the database refuses to look for others.
  if (!Number.isInteger(historyId) || Math.abs(historyId) >= 2 ** 31) return undefined;
  const [row] = await db
    .select()
    .from(operations)
    .where(and(eq(operations.applicationId, applicationId), eq(operations.historyId, historyId)));
  return row;
}

/** Operations of applications by the name that they had, gone ones too, newest first. */
export function listOperationsByName(
  db: Database,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  limit: number,
): Promise<OperationRow[]> {
  return db
    .select()
    .from(operations)
    .where(and(eq(operations.applicationName, name), eq(operations.applicationNamespace, namespace)))
    .orderBy(desc(operations.requestedAt))
    .limit(limit);
}

/** Asks the live operation to stop; answers with it, or undefined when none is live. */
export function requestTermination(db: Database, applicationId: string): Promise<OperationRow | undefined> {
  return askToStop(
    db,
    applicationId,
    eq(operations.applicationId, applicationId),
    'operation is terminating',
  );
}

/**
 * Asks one operation to stop since its time is up; one that is being stopped already keeps its message. The request is
 * never dated before the deadline, by whichever clock that was found to be over.
 */
export async function requestExpiry(
  db: Database,
  operation: { readonly applicationId: string; readonly operationId: string },
  deadline: Date,
): Promise<void> {
  const untouched = and(eq(operations.id, operation.operationId), isNull(operations.terminateRequestedAt));
  const at = sql`greatest(now(), ${deadline.toISOString()}::timestamptz)`;
  await askToStop(db, operation.applicationId, untouched, expiredMessage, at);
}

/** The message of an operation that its sync timeout ends. */
export const expiredMessage = 'operation is terminating due to timeout';

function askToStop(
  db: Database,
  applicationId: string,
  which: SQL | undefined,
  message: string,
  at: SQL = sql`now()`,
): Promise<OperationRow | undefined> {
  return db.transaction(async (tx) => {
    const [row] = await tx
      .update(operations)
      .set({
        terminateRequestedAt: sql`coalesce(${operations.terminateRequestedAt}, ${at})`,
        phase: 'Terminating',
        message,
      })
      .where(and(which, isNull(operations.finishedAt)))
      .returning();
    if (row !== undefined) {
      await recordModified(tx, applicationId);
    }
    return row;
  });
}

export type OperationPatch = Partial<
  Pick<OperationRow, 'phase' | 'message' | 'revision' | 'renderId' | 'attempt' | 'startedAt'>
>;

/** Writes progress of a live operation and announces it; a finished one is left as it is. */
export async function updateOperation(
  db: Database,
  operation: Pick<OperationRow, 'id' | 'applicationId'>,
  patch: OperationPatch,
): Promise<void> {
  await changeRows(db, {
    parts: {
      updated: db
        .update(operations)
        .set(patch)
        .where(and(eq(operations.id, operation.id), isNull(operations.finishedAt))),
    },
    announces: [{ type: 'MODIFIED', topic: 'application', applicationId: operation.applicationId }],
  });
}

/** Milliseconds that a part of an operation took. */
export type Timing = { readonly part: string; readonly milliseconds: number };

/** An operation's timings with one more. */
export function withTiming({ part, milliseconds }: Timing): SQL {
  return sql`jsonb_set(${operations.timings}, array[${part}::text],
    to_jsonb(coalesce((${operations.timings} ->> ${part}::text)::numeric, 0) + ${Math.round(milliseconds)}::numeric))`;
}

/** Adds milliseconds to one part of an operation's timings. */
export async function addTiming(db: Database, id: string, part: string, milliseconds: number): Promise<void> {
  await db
    .update(operations)
    .set({ timings: withTiming({ part, milliseconds }) })
    .where(eq(operations.id, id));
}

export type OperationEnd = {
  readonly phase: Extract<OperationPhase, 'Succeeded' | 'Failed' | 'Error' | 'Superseded'>;
  readonly message: string;
  /** Whether the operation becomes an entry of the deployment history. */
  readonly inHistory: boolean;
  /** What a part of it took that is not in its timings yet. */
  readonly timing?: Timing;
};

/** Operations that no workflow has taken up for `olderThanSeconds`. */
export function waitingOperations(db: Database, olderThanSeconds: number): Promise<OperationRow[]> {
  return live(db, and(isNull(operations.startedAt), lt(operations.requestedAt, before(olderThanSeconds))));
}

/** Live operations whose termination was asked for more than `olderThanSeconds` ago. */
export function waitingTerminations(db: Database, olderThanSeconds: number): Promise<OperationRow[]> {
  return live(db, lt(operations.terminateRequestedAt, before(olderThanSeconds)));
}

/**
 * Live operations that a workflow took up more than `olderThanSeconds` ago, in random order: whoever makes sure that
 * their workflows run comes round to each of them, however many there are.
 */
export function runningOperations(db: Database, olderThanSeconds: number): Promise<OperationRow[]> {
  return live(db, lt(operations.startedAt, before(olderThanSeconds)), sql`random()`);
}

/** Live operations of which a condition holds, a round of them. */
function live(db: Database, which: SQL | undefined, ...order: SQL[]): Promise<OperationRow[]> {
  return db
    .select()
    .from(operations)
    .where(and(isNull(operations.finishedAt), which))
    .orderBy(...order)
    .limit(500);
}
