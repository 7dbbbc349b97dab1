import { withHomeCondition } from '../../core/home/conditions.ts';
import { homeInitiator } from '../../core/sync/operation/initiator.ts';
import type { Database } from '../../db/client.ts';
import {
  type ApplicationRow,
  lockApplication,
  updateHome,
} from '../../db/queries/application/application.ts';
import { requestRefreshOf } from '../../db/queries/application/refresh-request.ts';
import { findHomeDeletion } from '../../db/queries/home/home-deletion.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { liveOperation, requestTermination } from '../../db/queries/operation/operation.ts';
import { requestDeletion } from '../../db/queries/operation/removal-request.ts';
import { auditOf, objectOf } from '../context.ts';
import { sendHint } from '../hint.ts';
import { type HomeControl, homeAuthor, type Transaction } from './context.ts';

/** What an application's absence is found to be, with the reason; undefined where its object is there. */
export type FoundAbsence =
  | { readonly state: 'Detached' | 'HomeClusterUnavailable'; readonly message: string }
  | undefined;

const states = ['Detached', 'HomeClusterUnavailable'] as const;

/**
 * Records what was found of an application's object. Where it is missing, what runs ends and nothing more is written; where
 * it is back, the application goes on with a refresh. Asked with what is known already, it changes nothing.
 */
export async function noteAbsence(
  control: HomeControl,
  transaction: Transaction,
  { id }: { readonly id: string },
  found: FoundAbsence,
): Promise<void> {
  const changed = await transaction(async (tx) => {
    const row = await lockApplication(tx, id);
    if (row === undefined || (found !== undefined && (await isOnItsWay(tx, row)))) return undefined;
    const before = row.homeConditions;
    const was = before.find(({ type }) => type === states[0] || type === states[1])?.type;
    if (was === found?.state) return undefined;
    const homeConditions = states.reduce(
      (conditions, state) =>
        withHomeCondition(conditions, state, found?.state === state ? found.message : undefined, new Date()),
      before,
    );
    await updateHome(tx, row, { homeConditions }, { shown: true });
    await recordAudit(
      tx,
      auditOf(homeAuthor, {
        action: 'application.home-state',
        object: objectOf(control, row),
        details: { before: was ?? null, after: found?.state ?? null },
      }),
    );
    if (found === undefined) await requestRefreshOf(tx, id);
    return { stopping: found?.state === 'Detached' ? await requestTermination(tx, id) : undefined };
  });
  if (changed === undefined) return;
  if (found === undefined) sendHint(control, control.engine.refreshApplication(id));
  if (changed.stopping === undefined) return;
  const { id: operationId, kind } = changed.stopping;
  sendHint(control, control.engine.nudgeOperation({ id: operationId, applicationId: id, kind }));
}

/** Whether an application is being deleted, or comes back, as somebody has decided: its object may be gone meanwhile. */
async function isOnItsWay(tx: Database, row: ApplicationRow): Promise<boolean> {
  const uid = row.deletion?.object;
  if (uid === undefined) return (await liveOperation(tx, row.id))?.kind === 'delete';
  const deletion = await findHomeDeletion(tx, uid);
  return deletion?.state === 'recreating' || (await liveOperation(tx, row.id))?.kind === 'delete';
}

/** Closes the row of an application whose object is gone for good: its operations stay, and so do its resources. */
export async function closeDetached(
  control: HomeControl,
  transaction: Transaction,
  { id }: { readonly id: string },
): Promise<void> {
  await transaction(async (tx) => {
    const row = await lockApplication(tx, id);
    if (row === undefined) return;
    await requestDeletion(tx, id, {
      request: { cascade: 'none' },
      username: homeInitiator.username,
      finalizers: [],
      home: control.config.controlPlaneNamespace,
    });
  });
}
