import { and, asc, desc, eq, isNull, sql } from 'drizzle-orm';
import { KeelsonError } from '../../core/errors.ts';
import type { HookPhase, ResultStatus } from '../../core/sync/operation.ts';
import { planSchemaVersion } from '../../core/sync/plan.ts';
import type { Database } from '../client.ts';
import { fences, plans, stepResults } from '../schema/operation.ts';
import { checkFence, type FenceHolder } from './fence.ts';

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

/** A step's result as it is recorded; hooks and deletions have no strategy. */
export type StepRecord = Omit<StepResultRow, 'strategy'> & Partial<Pick<StepResultRow, 'strategy'>>;

/**
 * Records that a step was carried out, by the run that still has the fence; throws `fenced` for any other, so that
 * whoever takes the fence and then reads the results has read them all. A row that is there stays: the first record
 * is the true one.
 */
export async function recordStep(
  db: Database,
  result: StepRecord,
  run: { readonly holder: FenceHolder; readonly token: number },
): Promise<void> {
  const held = db
    .select({
      operationId: sql`${result.operationId}::uuid`.as('operation_id'),
      attempt: sql`${result.attempt}::integer`.as('attempt'),
      step: sql`${result.step}::integer`.as('step'),
      status: sql`${result.status}::text`.as('status'),
      hookPhase: sql`${result.hookPhase}::text`.as('hook_phase'),
      message: sql`${result.message}::text`.as('message'),
      uid: sql`${result.uid}::text`.as('uid'),
      objectVersion: sql`${result.objectVersion}::text`.as('object_version'),
      startedAt: sql`${result.startedAt.toISOString()}::timestamptz`.as('started_at'),
      appliedAt: sql`${result.appliedAt.toISOString()}::timestamptz`.as('applied_at'),
      finishedAt: sql`${result.finishedAt?.toISOString() ?? null}::timestamptz`.as('finished_at'),
      strategy: sql`${result.strategy ?? null}::text`.as('strategy'),
    })
    .from(fences)
    .where(
      and(
        eq(fences.applicationId, run.holder.applicationId),
        eq(fences.token, run.token),
        eq(fences.open, true),
      ),
    )
    // Holds a takeover off until this row is committed.
    .for('share');
  const recorded = await db
    .insert(stepResults)
    .select(held as never)
    .onConflictDoNothing()
    .returning({ step: stepResults.step });
  if (recorded.length === 0) await checkFence(db, run.holder, run.token);
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

/** Records why each object of a refused plan isn't written; repeated calls change nothing. */
export async function recordRefusals(db: Database, { plan, ...of }: PlanRow, at: Date): Promise<void> {
  if (plan.refused === undefined || plan.steps.length === 0) return;
  const rows = plan.steps.map(
    ({ step, note = plan.refused ?? '' }): StepRecord => ({
      operationId: of.operationId,
      attempt: of.attempt,
      step,
      status: 'SyncFailed',
      hookPhase: 'Failed',
      message: note,
      uid: null,
      objectVersion: null,
      startedAt: at,
      appliedAt: at,
      finishedAt: at,
    }),
  );
  await db.insert(stepResults).values(rows).onConflictDoNothing();
}
