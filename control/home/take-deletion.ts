import { deletionOf } from '../../core/home/deletion/finalizers.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { lockApplication } from '../../db/queries/application/application.ts';
import { seeDeletion } from '../../db/queries/home/home-deletion.ts';
import { markObjectDeleted } from '../../db/queries/home/object-deletion.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { auditOf, objectOf } from '../context.ts';
import { type HomeControl, homeAuthor, type Transaction } from './context.ts';

/**
 * Takes in that the object of an application is being deleted, once for each uid. What the deletion is to do stands in its
 * finalizers as they are now; what becomes of it the guard decides next.
 */
export async function takeDeletion(
  control: HomeControl,
  transaction: Transaction,
  { id }: { readonly id: string },
  object: Manifest,
): Promise<void> {
  const { uid = '', namespace = '', name = '', finalizers = [], deletionTimestamp } = object.metadata;
  if (deletionTimestamp === undefined) return;
  const deletedAt = new Date(deletionTimestamp);
  await transaction(async (tx) => {
    const row = await lockApplication(tx, id);
    if (row === undefined) return;
    const seen = { uid, applicationId: id, namespace, name, finalizers: [...finalizers], deletedAt };
    const news = await seeDeletion(tx, seen);
    if (news === undefined) return;
    await markObjectDeleted(tx, row, { uid, deletedAt, request: deletionOf(finalizers) });
    await recordAudit(
      tx,
      auditOf(homeAuthor, {
        action: 'application.delete',
        object: objectOf(control, row),
        details: { uid, finalizers, deletionTimestamp, way: news.way },
      }),
    );
  });
}
