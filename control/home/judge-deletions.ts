import { withHomeCondition } from '../../core/home/conditions.ts';
import {
  type GuardedDeletion,
  type GuardLimits,
  judgeDeletions,
} from '../../core/home/deletion/deletion-guard.ts';
import { deletionOf } from '../../core/home/deletion/finalizers.ts';
import { deleteDeadlineAnnotation } from '../../core/object/annotations.ts';
import { homeInitiator } from '../../core/sync/operation/initiator.ts';
import type { DeletionRequest } from '../../core/sync/walk/deletion.ts';
import { readDuration } from '../../core/text/duration.ts';
import type { Database } from '../../db/client.ts';
import {
  type ApplicationRow,
  lockApplication,
  updateHome,
} from '../../db/queries/application/application.ts';
import {
  guardedDeletions,
  type HomeDeletionRow,
  mirroredCounts,
  moveDeletion,
  setDeletionWay,
} from '../../db/queries/home/home-deletion.ts';
import { stopObjectDeletion } from '../../db/queries/home/object-deletion.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { type OperationRow, requestTermination } from '../../db/queries/operation/operation.ts';
import { type DeletionProgress, requestDeletion } from '../../db/queries/operation/removal-request.ts';
import { auditOf, objectOf } from '../context.ts';
import { sendHint } from '../hint.ts';
import { type HomeControl, homeAuthor, type Transaction } from './context.ts';
import { isBroughtAbout } from './parent-deletion.ts';

/**
 * Decides about the deletions of objects that are under way: lets them through, or holds those of which so many came at
 * once that somebody has to say whether they are meant.
 */
export async function judgeHomeDeletions(
  control: HomeControl,
  transaction: Transaction,
  limits: GuardLimits,
): Promise<void> {
  const { db } = control;
  const found = await guardedDeletions(db, limits.withinMilliseconds / 1000);
  if (!found.some(({ state }) => state === 'pending')) return;
  const known = await withParents(control, found);
  const counts = await mirroredCounts(db);
  for (const [namespace, deletions] of Map.groupBy(known, (one) => one.namespace)) {
    const facts = deletions.map(guardedOf);
    const { hold, start } = judgeDeletions(counts.get(namespace) ?? 0, facts, limits, Date.now());
    for (const deletion of deletions) {
      if (hold.includes(deletion.uid)) await holdDeletion(control, transaction, deletion);
      if (start.includes(deletion.uid)) await startDeletion(control, transaction, deletion);
    }
  }
}

function guardedOf({ uid, way, state, deletedAt, seenAt, answer }: HomeDeletionRow): GuardedDeletion {
  return {
    ...{ uid, way, state, answered: answer !== null },
    deletedAt: (deletedAt ?? seenAt).getTime(),
    seenAt: seenAt.getTime(),
  };
}

/** Marks those that the deletion of a parent brings about, which was let through itself. */
async function withParents(
  control: HomeControl,
  found: readonly HomeDeletionRow[],
): Promise<readonly HomeDeletionRow[]> {
  const children = new Set<string>();
  for (const deletion of found) {
    const isOpen = deletion.way === 'object' && deletion.state === 'pending';
    if (isOpen && (await isBroughtAbout(control, deletion))) children.add(deletion.uid);
  }
  await setDeletionWay(control.db, [...children], 'parent');
  return found.map((one) => (children.has(one.uid) ? { ...one, way: 'parent' } : one));
}

/** Asks for the deletion of the application as its object's finalizers, or whoever has answered, say. */
async function startDeletion(
  control: HomeControl,
  transaction: Transaction,
  deletion: HomeDeletionRow,
): Promise<void> {
  const asked = await transaction((tx) => ask(control, tx, deletion));
  if (asked === undefined) return;
  const { progress, row } = asked;
  const { id, applicationId, kind } = progress.operation;
  if (progress.state === 'stopping')
    sendHint(control, control.engine.nudgeOperation({ id, applicationId, kind }));
  if (progress.state !== 'requested' || row.clusterId === null) return;
  sendHint(control, control.engine.startOperation({ id, applicationId, kind, clusterId: row.clusterId }));
}

async function ask(
  control: HomeControl,
  tx: Database,
  deletion: HomeDeletionRow,
): Promise<{ readonly progress: DeletionProgress; readonly row: ApplicationRow } | undefined> {
  const { uid, applicationId, deletedAt, answeredBy } = deletion;
  const row = await lockApplication(tx, applicationId);
  const isNew = await moveDeletion(tx, uid, ['pending'], { state: row === undefined ? 'closed' : 'going' });
  if (row === undefined || !isNew) return undefined;
  // Somebody has asked for it by the API, and it is under way.
  if (row.deletion !== null && row.deletion.stopped !== true) return undefined;
  const progress = await requestDeletion(tx, applicationId, {
    request: requestOf(deletion, row),
    username: answeredBy ?? homeInitiator.username,
    finalizers: row.finalizers,
    home: control.config.controlPlaneNamespace,
    object: { uid, deletedAt: deletedAt ?? new Date() },
  });
  return progress === undefined ? undefined : { progress, row };
}

function requestOf({ finalizers, answer }: HomeDeletionRow, row: ApplicationRow): DeletionRequest {
  const request = deletionOf(finalizers);
  if (answer === 'orphan') return { cascade: 'none' };
  const cascades = request.cascade !== 'none' || answer === 'cascade';
  if (!cascades) return request;
  const deadline = row.annotations[deleteDeadlineAnnotation];
  const deadlineSeconds = deadline === undefined ? undefined : readDuration(deadline);
  return {
    cascade: request.cascade === 'background' ? 'background' : 'foreground',
    ...(deadlineSeconds === undefined || deadlineSeconds <= 0 ? {} : { deadlineSeconds }),
  };
}

/** Holds a deletion: what runs for the application ends, and nothing starts before somebody has answered. */
async function holdDeletion(
  control: HomeControl,
  transaction: Transaction,
  { uid, applicationId }: HomeDeletionRow,
): Promise<void> {
  const stopping = await transaction(async (tx): Promise<OperationRow | undefined> => {
    const row = await lockApplication(tx, applicationId);
    if (row === undefined || !(await moveDeletion(tx, uid, ['pending', 'going'], { state: 'held' }))) {
      return undefined;
    }
    const homeConditions = withHomeCondition(row.homeConditions, 'DeletionHeld', heldWords, new Date());
    await stopObjectDeletion(tx, row);
    await updateHome(tx, row, { homeConditions }, { shown: true });
    await recordAudit(
      tx,
      auditOf(homeAuthor, {
        action: 'application.hold-deletion',
        object: objectOf(control, row),
        details: { uid },
      }),
    );
    return requestTermination(tx, applicationId);
  });
  if (stopping === undefined) return;
  const { id, kind } = stopping;
  sendHint(control, control.engine.nudgeOperation({ id, applicationId, kind }));
}

const heldWords =
  'more than five and more than half of the applications of this namespace were deleted within a minute, and each waits ' +
  'for an answer: keelson app held-deletion';
