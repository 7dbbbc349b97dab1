import { and, asc, desc, eq, isNull } from 'drizzle-orm';
import { KeelsonError } from '../../core/errors.ts';
import type { HookPhase, ResultStatus } from '../../core/sync/operation.ts';
import { planSchemaVersion } from '../../core/sync/plan.ts';
import type { Database } from '../client.ts';
import { plans, stepResults } from '../schema/operation.ts';

export type PlanRow = typeof plans.$inferSelect;
export type StepResultRow = typeof stepResults.$inferSelect;
export type Attempt = { readonly operationId: string; readonly attempt: number };

/** Stores the plan of an attempt once: the first stored plan is the one that is carried out. */
export async function storePlan(
  db: Database,
  plan: Omit<PlanRow, 'createdAt' | 'schemaVersion'>,
): Promise<PlanRow> {
  await db
    .insert(plans)
    .values({ ...plan, schemaVersion: planSchemaVersion })
    .onConflictDoNothing();
  const stored = await findPlan(db, plan);
  if (stored === undefined) throw new KeelsonError('internal', 'plan row is missing right after its insert');
  return stored;
}

/** The plan of an attempt; throws when a newer release of Keelson made it. */
export async function findPlan(db: Database, of: Attempt): Promise<PlanRow | undefined> {
  const [row] = await db
    .select()
    .from(plans)
    .where(and(eq(plans.operationId, of.operationId), eq(plans.attempt, of.attempt)));
  if (row !== undefined && row.schemaVersion !== planSchemaVersion) {
    throw new KeelsonError(
      'precondition-failed',
      `plan of operation ${of.operationId} has schema version ${row.schemaVersion}, this release knows ${planSchemaVersion}; finish it with the release that made it, or terminate it`,
    );
  }
  return row;
}

/** The newest plan of an operation. */
export async function latestPlan(db: Database, operationId: string): Promise<PlanRow | undefined> {
  const [row] = await db
    .select()
    .from(plans)
    .where(eq(plans.operationId, operationId))
    .orderBy(desc(plans.attempt))
    .limit(1);
  return row;
}

export function stepResultsOf(db: Database, of: Attempt): Promise<StepResultRow[]> {
  return db
    .select()
    .from(stepResults)
    .where(and(eq(stepResults.operationId, of.operationId), eq(stepResults.attempt, of.attempt)))
    .orderBy(asc(stepResults.step));
}

/** Records that a step was carried out. A row that is there stays: the first record is the true one. */
export async function recordStep(db: Database, result: StepResultRow): Promise<void> {
  await db.insert(stepResults).values(result).onConflictDoNothing();
}

/** Completes a step that was recorded as running; completed steps stay as they are. */
export async function completeStep(
  db: Database,
  of: Attempt & { step: number },
  end: { status?: ResultStatus; hookPhase: HookPhase; message?: string; finishedAt: Date },
): Promise<void> {
  await db
    .update(stepResults)
    .set(end)
    .where(
      and(
        eq(stepResults.operationId, of.operationId),
        eq(stepResults.attempt, of.attempt),
        eq(stepResults.step, of.step),
        isNull(stepResults.finishedAt),
      ),
    );
}
