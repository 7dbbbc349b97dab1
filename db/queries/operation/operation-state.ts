import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { loadRows } from '../../load-together.ts';
import { applications } from '../../schema/application.ts';
import { operations, plans, successors, waits } from '../../schema/operation.ts';
import type { OperationRow } from './operation.ts';
import { knownPlan, type PlanRow } from './plan.ts';
import type { SuccessorRow } from './succession.ts';
import type { WaitRow } from './wait.ts';

/** An operation with all that decides how it goes on. */
export type OperationState = {
  readonly operation: OperationRow;
  /** Of the operation's attempt. */
  readonly plan: PlanRow | undefined;
  /** The open pause before the operation's attempt. */
  readonly pause: WaitRow | undefined;
  readonly successor: SuccessorRow | undefined;
  /** Namespace of the application; undefined where it is gone. */
  readonly namespace: string | undefined;
  /** Empty where the application is gone. */
  readonly annotations: Readonly<Record<string, string>>;
  /** When somebody asked for the application's deletion. */
  readonly deletionRequestedAt: Date | null;
  /** Since when the application's object in the home cluster is the one that it is; null where it has none. */
  readonly homeSince: Date | null;
};

const stateRow = loadRows(
  (db) => {
    const ofAttempt = <T extends typeof plans | typeof waits>(table: T) =>
      and(eq(table.operationId, operations.id), eq(table.attempt, operations.attempt));
    return db
      .select({
        operation: operations,
        plan: plans,
        pause: waits,
        successor: successors,
        application: {
          namespace: applications.namespace,
          annotations: applications.annotations,
          deletionRequestedAt: applications.deletionRequestedAt,
          homeSince: applications.homeSince,
        },
      })
      .from(operations)
      .leftJoin(plans, ofAttempt(plans))
      .leftJoin(waits, and(ofAttempt(waits), eq(waits.kind, 'retry'), isNull(waits.closedAt)))
      .leftJoin(successors, eq(successors.applicationId, operations.applicationId))
      .leftJoin(applications, eq(applications.id, operations.applicationId))
      .where(sql`${operations.id} = any(${sql.placeholder('ids')}::uuid[])`)
      .prepare('operation_states');
  },
  ({ operation }) => operation.id,
);

/** Reads an operation's state at one moment; throws where its plan was made by another release. */
export async function operationState(db: Database, id: string): Promise<OperationState | undefined> {
  const row = await stateRow(db, id);
  if (row === undefined) return undefined;
  return {
    operation: row.operation,
    plan: row.plan === null ? undefined : knownPlan(row.plan),
    pause: row.pause ?? undefined,
    successor: row.successor ?? undefined,
    namespace: row.application?.namespace,
    annotations: row.application?.annotations ?? {},
    deletionRequestedAt: row.application?.deletionRequestedAt ?? null,
    homeSince: row.application?.homeSince ?? null,
  };
}
