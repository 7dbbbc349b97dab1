import { and, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import { planSchemaVersion } from '../../core/sync/plan/plan.ts';
import type { Database } from '../../db/client.ts';
import { recordChange, recordModified } from '../../db/queries/application/change.ts';
import type { ObservationWrite } from '../../db/queries/application/observed.ts';
import { type Session, sessionGuard } from '../../db/queries/cluster/session.ts';
import type { FenceHolder } from '../../db/queries/operation/fence.ts';
import type { AutomatedSync } from '../../db/queries/operation/operation-request.ts';
import type { StepRecord } from '../../db/queries/operation/plan.ts';
import { applicationStatus, dirty, resourceNodes } from '../../db/schema/application.ts';
import { fences, operations, plans, stepResults, waits } from '../../db/schema/operation.ts';

/*
 * The hot changes as a transaction of plain statements, as they would be without the statement builder: what each of them
 * gains by being one statement is the difference.
 */

/** `requestAsSession`. */
export function requestPlainly(db: Database, session: Session, input: AutomatedSync): Promise<void> {
  const { application, plan } = input;
  return db.transaction(async (tx) => {
    await tx.execute(sessionGuard(session));
    await tx
      .insert(operations)
      .values({
        id: input.id,
        applicationId: application.id,
        applicationName: application.name,
        applicationNamespace: application.namespace,
        project: application.project,
        clusterId: application.clusterId,
        spec: application.spec,
        kind: input.kind,
        initiatedBy: input.initiatedBy,
        request: input.request,
      })
      .onConflictDoNothing();
    if (plan !== undefined)
      await tx.insert(plans).values({
        ...plan,
        operationId: input.id,
        attempt: 1,
        schemaVersion: planSchemaVersion,
        warnings: [],
      });
    await recordModified(tx, application.id);
  });
}

type Subject = { readonly id: string; readonly applicationId: string; readonly clusterId: string | null };

/** `admitOperation`, without reading the operation's state. */
export function admitPlainly(db: Database, { id, applicationId }: Subject): Promise<void> {
  return db.transaction(async (tx) => {
    const [admitted] = await tx
      .update(operations)
      .set({ startedAt: sql`coalesce(started_at, now())`, phase: 'Running' })
      .where(and(eq(operations.id, id), isNull(operations.finishedAt)))
      .returning({ attempt: operations.attempt });
    if (admitted === undefined) return;
    await tx
      .delete(plans)
      .where(
        and(
          eq(plans.operationId, id),
          lt(plans.createdAt, sql`now() - make_interval(secs => ${60}::integer)`),
        ),
      );
    const set = { operationId: id, attempt: admitted.attempt, open: true };
    await tx
      .insert(fences)
      .values({ applicationId, token: 1, ...set })
      .onConflictDoUpdate({ target: fences.applicationId, set: { ...set, token: sql`${fences.token} + 1` } })
      .returning({ token: fences.token });
    await recordModified(tx, applicationId);
  });
}

/** `recordSteps`. */
export function recordStepsPlainly(
  db: Database,
  results: readonly StepRecord[],
  { holder, token }: { readonly holder: FenceHolder; readonly token: number },
): Promise<void> {
  return db.transaction(async (tx) => {
    await tx
      .select()
      .from(fences)
      .where(and(eq(fences.applicationId, holder.applicationId), eq(fences.token, token)))
      .for('share');
    await tx
      .insert(stepResults)
      .values([...results])
      .onConflictDoNothing();
    await tx.select().from(operations).where(eq(operations.id, holder.operationId));
    await recordModified(tx, holder.applicationId);
  });
}

/** `endOperation`, with what was queued behind it. */
export function endPlainly(db: Database, { id, applicationId }: Subject): Promise<void> {
  return db.transaction(async (tx) => {
    const [ended] = await tx
      .update(operations)
      .set({ phase: 'Succeeded', message: 'done', finishedAt: sql`clock_timestamp()` })
      .where(and(eq(operations.id, id), isNull(operations.finishedAt)))
      .returning({ id: operations.id });
    if (ended === undefined) return;
    await tx
      .update(fences)
      .set({ open: false, token: sql`${fences.token} + 1` })
      .where(and(eq(fences.applicationId, applicationId), eq(fences.operationId, id)));
    await tx
      .update(waits)
      .set({ closedAt: sql`clock_timestamp()` })
      .where(and(eq(waits.operationId, id), isNull(waits.closedAt)));
    await recordModified(tx, applicationId);
    await tx
      .update(dirty)
      .set({ generation: sql`${dirty.generation} + 1`, requestedAt: sql`now()` })
      .where(eq(dirty.applicationId, applicationId));
    await recordChange(tx, { type: 'MODIFIED', topic: 'desired', applicationId });
    await tx.execute(sql`delete from successors where application_id = ${applicationId} returning *`);
  });
}

/** `saveObservation`. */
export function observePlainly(db: Database, write: ObservationWrite): Promise<void> {
  const { session, applicationId, observed, comparedGeneration = 0, gone, nodes } = write;
  const { epoch } = session;
  return db.transaction(async (tx) => {
    await tx.execute(sessionGuard(session));
    const [saved] = await tx
      .update(applicationStatus)
      .set({ ...observed, sessionEpoch: epoch, reconciledAt: sql`clock_timestamp()` })
      .where(eq(applicationStatus.applicationId, applicationId))
      .returning({ id: applicationStatus.applicationId });
    if (saved === undefined) return;
    await tx
      .update(dirty)
      .set({ comparedGeneration })
      .where(and(eq(dirty.applicationId, applicationId), lt(dirty.comparedGeneration, comparedGeneration)));
    if (gone.length > 0)
      await tx
        .delete(resourceNodes)
        .where(and(eq(resourceNodes.applicationId, applicationId), inArray(resourceNodes.nodeId, [...gone])));
    await tx
      .insert(resourceNodes)
      .values(nodes.map((node) => ({ applicationId, nodeId: node.uid ?? node.name, node, epoch })))
      .onConflictDoUpdate({
        target: [resourceNodes.applicationId, resourceNodes.nodeId],
        set: { node: sql`excluded.node`, epoch: sql`excluded.epoch`, updatedAt: sql`now()` },
      });
    await recordChange(tx, { type: 'MODIFIED', topic: 'tree', applicationId });
    await recordModified(tx, applicationId);
  });
}
