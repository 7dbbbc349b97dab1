import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { dirty } from '../../schema/application.ts';
import { fences, operations, plans, waits } from '../../schema/operation.ts';
import { changeRows } from '../../statement.ts';
import { recordModified } from '../application/change.ts';
import { openFence } from './fence.ts';
import { type OperationEnd, type OperationRow, withTiming } from './operation.ts';
import { type OperationState, operationState } from './operation-state.ts';
import { startSuccessor } from './succession.ts';
import { closeWaits, nowhere, openWait } from './wait.ts';

/** Age from which a plan that was made with the request of its operation is too old to start with. */
const stalePlanSeconds = 60;

/** An operation that may go on, with the token of its fence. */
export type Admitted = {
  readonly state: OperationState;
  readonly token: number;
  /** Whether it is started for the first time. */
  readonly isFirst: boolean;
};

/**
 * Starts a requested operation and gives it the fence; undefined when it has ended or never was. A plan that has been
 * waiting for the start for long goes: it is made anew, of what stands in the cluster then.
 *
 * Every operation begins here: 1.6 to 2.4 ms of the processors with the state that is read after it, where plain
 * statements take 1.8 to 4.1 without it (bench/statements.ts, 8 and 1 at once).
 */
export async function admitOperation(
  db: Database,
  { id, applicationId }: Pick<OperationRow, 'applicationId' | 'id'>,
): Promise<Admitted | undefined> {
  const { changed, token, isFirst } = await changeRows(db, {
    parts: {
      admitted: sql`
        update ${operations} set started_at = coalesce(started_at, now()),
          phase = case when phase = 'Requested' then 'Running' else phase end
        where id = ${id} and finished_at is null returning application_id, attempt`,
      stale: sql`
        delete from ${plans}
        where operation_id = ${id} and created_at < now() - make_interval(secs => ${stalePlanSeconds})
          and exists (select 1 from ${operations} where id = ${id} and started_at is null)`,
      opened: sql`
        insert into ${fences} (application_id, operation_id, attempt, token, open)
        select application_id, ${id}::uuid, attempt, 1, true from admitted
        on conflict (application_id) do update set operation_id = excluded.operation_id,
          attempt = excluded.attempt, open = true, token = ${fences.token} + 1
        returning token`,
    },
    when: 'admitted',
    announces: [{ type: 'MODIFIED', topic: 'application', applicationId }],
    returning: {
      token: sql<string | null>`(select token from opened)`,
      isFirst: sql<boolean | null>`(select started_at is null from ${operations} where id = ${id})`,
    },
  });
  const state = changed ? await operationState(db, id) : undefined;
  return state && { state, token: Number(token), isFirst: isFirst === true };
}

/** Gives an operation its deadline, counted from its first start over all retries; one that it has stays. */
export async function limitTime(db: Database, id: string, timeoutSeconds: number): Promise<Date | null> {
  const [row] = await db
    .update(operations)
    .set({
      deadline: sql`coalesce(${operations.deadline}, ${operations.startedAt} + make_interval(secs => ${timeoutSeconds}))`,
    })
    .where(eq(operations.id, id))
    .returning({ deadline: operations.deadline });
  return row?.deadline ?? null;
}

/** Moves a live operation to its next attempt; the pause before it stands as a wait with its end. */
export function startNextAttempt(
  db: Database,
  operation: Pick<OperationRow, 'id' | 'applicationId'>,
  next: { attempt: number; message: string; reason: string; at: Date },
): Promise<void> {
  return db.transaction(async (tx) => {
    const moved = await tx
      .update(operations)
      .set({ attempt: next.attempt, message: next.message })
      .where(and(eq(operations.id, operation.id), isNull(operations.finishedAt)))
      .returning({ id: operations.id });
    if (moved.length === 0) return;
    await closeWaits(tx, operation.id);
    await openWait(tx, {
      operationId: operation.id,
      attempt: next.attempt,
      clusterId: null,
      kind: 'retry',
      ...nowhere,
      steps: [],
      keys: [],
      reason: next.reason,
      deadline: next.at,
    });
    await openFence(tx, {
      applicationId: operation.applicationId,
      operationId: operation.id,
      attempt: next.attempt,
    });
    await recordModified(tx, operation.applicationId);
  });
}

/**
 * Ends an operation: no attempt of it may write any more, nothing waits for it, and its session compares anew. What was
 * queued behind it starts in the same transaction; the answer is its row, whose workflow the caller starts.
 */
export function endOperation(
  db: Database,
  operation: Pick<OperationRow, 'id' | 'applicationId' | 'clusterId'>,
  outcome: OperationEnd,
): Promise<OperationRow | undefined> {
  return db.transaction(async (tx) => {
    if (!(await markEnded(tx, operation, outcome))) return undefined;
    // A statement of its own: what was queued while the end waited for its row is there only for the next one.
    const successor = await startSuccessor(tx, operation);
    if (successor !== undefined && outcome.phase === 'Superseded') {
      await tx.update(operations).set({ supersededBy: successor.id }).where(eq(operations.id, operation.id));
    }
    return successor;
  });
}

/**
 * Ends an operation once, with all that stands for its being live; a later end changes nothing.
 *
 * Every operation ends here: 1.6 to 2.1 ms of the processors with what is queued behind it, plain statements 2.3 to 4.0
 * (bench/statements.ts, 8 and 1 at once).
 */
async function markEnded(
  tx: Database,
  { id, applicationId, clusterId }: Pick<OperationRow, 'id' | 'applicationId' | 'clusterId'>,
  { phase, message, inHistory, timing }: OperationEnd,
): Promise<boolean> {
  const about = { type: 'MODIFIED', applicationId } as const;
  const announces = [
    { ...about, topic: 'application' },
    { ...about, topic: 'desired', ...(clusterId === null ? {} : { clusterId }) },
  ] as const;
  const nextHistoryId = sql`(select coalesce(max(other.history_id), -1) + 1 from operations other
    where other.application_id = ${applicationId})`;
  const { changed } = await changeRows(tx, {
    parts: ({ touched }) => ({
      ended: sql`
        update ${operations} set phase = ${phase}, message = ${message}, finished_at = clock_timestamp(),
          history_id = ${inHistory ? nextHistoryId : null},
          timings = ${timing === undefined ? operations.timings : withTiming(timing)}
        where id = ${id} and finished_at is null returning id, application_id`,
      closed: sql`
        update ${fences} set open = false, token = token + 1
        where application_id = (select application_id from ended) and operation_id = ${id}`,
      waited: sql`
        update ${waits} set closed_at = clock_timestamp()
        where operation_id = (select id from ended) and closed_at is null`,
      compared: sql`
        update ${dirty} set generation = generation + 1, requested_at = now(),
          rendered_generation = case when rendered_generation = generation then generation + 1 else rendered_generation end
        where application_id = ${touched}`,
    }),
    when: 'ended',
    announces,
  });
  return changed;
}
