import { readName } from '../../core/application/home.ts';
import { ownerOf, trackedOf } from '../../core/sync/tracking/tracking.ts';
import { findApplication, getApplication } from '../../db/queries/application/application.ts';
import { type HomeDeletionRow, isLetThrough } from '../../db/queries/home/home-deletion.ts';
import { liveOperation } from '../../db/queries/operation/operation.ts';
import type { HomeControl } from './context.ts';

/**
 * Whether the deletion of an application's object comes from that of its parent, which was let through: what that takes
 * with it is what was decided about. A parent that only prunes a child is none.
 */
export async function isBroughtAbout(
  control: HomeControl,
  { applicationId }: Pick<HomeDeletionRow, 'applicationId'>,
): Promise<boolean> {
  const { db, config, settings } = control;
  const child = await getApplication(db, applicationId);
  if (child === undefined) return false;
  const { name, namespace, labels, annotations } = child;
  const metadata = { name, namespace, labels, annotations };
  const object = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata };
  const owner = ownerOf(trackedOf(object), settings.current().tracking);
  if (owner === undefined) return false;
  const parent = readName(owner.replace('_', '/'), config.controlPlaneNamespace);
  if (await isLetThrough(db, parent)) return true;
  const row = await findApplication(db, parent);
  const operation = row === undefined ? undefined : await liveOperation(db, row.id);
  return operation?.kind === 'delete';
}
