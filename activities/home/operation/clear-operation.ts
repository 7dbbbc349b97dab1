import { takeOperation } from '../../../control/home/take-operation.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { apiWrite } from '../../../core/home/home-cluster.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import { markOperationCleared } from '../../../db/queries/home/home-operation.ts';
import type { HomeMirror } from '../home-mirror.ts';

/** Takes up the operation that stands in an object, if one does, and takes it off the object afterwards. */
export async function followOperation(
  mirror: HomeMirror,
  row: ApplicationRow,
  object: Manifest,
): Promise<void> {
  const { client, control, signal, transaction } = mirror;
  if (!(await takeOperation(control, transaction, row, object))) return;
  const { resourceVersion = '', uid = '' } = object.metadata;
  try {
    const options = { ...apiWrite, resourceVersion, signal };
    const cleared = await client.patch(
      object.apiVersion,
      keyOf(object),
      { operation: null },
      'merge',
      options,
    );
    await markOperationCleared(control.db, uid, cleared.metadata.resourceVersion ?? resourceVersion);
  } catch (error) {
    // Somebody has changed the object since: the event of that brings what is still to be cleared.
    if (!(error instanceof KeelsonError) || !passes.has(error.code)) throw error;
  }
}

const passes: ReadonlySet<string> = new Set(['conflict', 'not-found']);
