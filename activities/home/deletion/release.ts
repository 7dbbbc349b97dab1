import { newApplicationObject } from '../../../control/home/application-manifest.ts';
import { describeError, KeelsonError } from '../../../core/errors.ts';
import { applicationKey, applicationVersion } from '../../../core/home/application-object.ts';
import { withoutOwn } from '../../../core/home/deletion/finalizers.ts';
import { apiManager, apiWrite } from '../../../core/home/home-cluster.ts';
import {
  deletionApprovedAnnotation,
  lastAppliedAnnotation,
  refreshAnnotation,
} from '../../../core/object/annotations.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { type ApplicationRow, getApplication } from '../../../db/queries/application/application.ts';
import {
  type HomeDeletionRow,
  moveDeletion,
  unreleasedDeletions,
} from '../../../db/queries/home/home-deletion.ts';
import type { HomeMirror } from '../home-mirror.ts';

/**
 * Takes our finalizers off the objects whose applications are gone: rows close first, and what has not been done by the
 * time of a crash is done after it. Objects that are to come back are made anew once they have gone.
 */
export async function releaseDeletions(mirror: HomeMirror): Promise<void> {
  for (const deletion of await unreleasedDeletions(mirror.control.db)) {
    try {
      await mirror.faults.reach('object-releasing');
      await release(mirror, deletion);
    } catch (error) {
      if (mirror.signal.aborted || !(error instanceof KeelsonError)) throw error;
      // One that can't be released holds up no other; the next round tries it again.
      const { namespace, name, state } = deletion;
      mirror.control.log.warn(
        { namespace, name, state, error: describeError(error) },
        'object is released later',
      );
    }
  }
}

async function release(mirror: HomeMirror, deletion: HomeDeletionRow): Promise<void> {
  const { client, control, signal } = mirror;
  const { uid, state } = deletion;
  const key = applicationKey(deletion);
  const live = await client.get(applicationVersion, key, { signal });
  const isThere = live?.metadata.uid === uid;
  if (isThere) await letGo(mirror, live);
  if (state === 'recreating') {
    if (isThere) return;
    if (live === undefined) await makeAnew(mirror, deletion);
  }
  await moveDeletion(control.db, uid, [state], { state: 'released' });
}

/** Takes our finalizers off this very state of an object, and deletes one that nobody had come to delete. */
async function letGo({ client, signal }: HomeMirror, live: Manifest): Promise<void> {
  const { uid, finalizers = [], resourceVersion, deletionTimestamp } = live.metadata;
  const kept = withoutOwn(finalizers);
  if (kept.length < finalizers.length) {
    const body = { metadata: { finalizers: kept } };
    const options = { fieldManager: apiManager, resourceVersion, signal };
    await client.patch(applicationVersion, keyOf(live), body, 'merge', options);
  }
  if (deletionTimestamp === undefined) await client.delete(applicationVersion, keyOf(live), { uid, signal });
}

async function makeAnew({ client, control, signal }: HomeMirror, deletion: HomeDeletionRow): Promise<void> {
  const row = await getApplication(control.db, deletion.applicationId);
  if (row === undefined) return;
  await client.create(objectOf(row), { ...apiWrite, signal });
}

/** Requests and memories of what was applied belong to the object that has gone. */
const ofTheFormer: ReadonlySet<string> = new Set([
  deletionApprovedAnnotation,
  lastAppliedAnnotation,
  refreshAnnotation,
]);

function objectOf(row: ApplicationRow): Manifest {
  const kept = Object.entries(row.annotations).filter(([annotation]) => !ofTheFormer.has(annotation));
  const finalizers = row.deletion?.finalizers ?? row.finalizers;
  return newApplicationObject(row, { ...row, annotations: Object.fromEntries(kept), finalizers });
}
