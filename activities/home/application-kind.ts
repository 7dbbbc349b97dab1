import { setTimeout as sleep } from 'node:timers/promises';
import { noteAbsence } from '../../control/home/absence.ts';
import { takeApplication } from '../../control/home/take-application.ts';
import { takeDeletion } from '../../control/home/take-deletion.ts';
import type { Origin } from '../../core/home/incarnation.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { checkDeleted, checkListed, isMissing } from './absence/missing.ts';
import type { HomeMirror, MirroredKind } from './home-mirror.ts';
import { followOperation } from './operation/clear-operation.ts';
import { openRefreshRequests } from './refresh-requests.ts';
import { writeAsObject } from './turn-on/write-applications.ts';

/** Until an operation that has to give way has ended. */
const busyMilliseconds = 500;

/** Applications: in Keelson's own namespace, and in all of them where the settings let some live elsewhere. */
export function applicationKind(mirror: HomeMirror): MirroredKind {
  const { control } = mirror;
  const { controlPlaneNamespace } = control.config;
  const isAnywhere = control.settings.current().applicationNamespaces.length > 0;
  const refreshes = openRefreshRequests(mirror);
  return {
    name: 'applications',
    resource: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      namespace: isAnywhere ? undefined : controlPlaneNamespace,
    },
    async take(object, as) {
      const row = await take(mirror, object, as);
      if (row === 'doubtful') return row;
      if (row !== undefined) {
        await refreshes.note(object, row);
        await follow(mirror, row, object);
      }
      return 'done';
    },
    async gone(key, last) {
      // A name that an object had taken from a row is free again.
      await writeAsObject(mirror, key);
      await checkDeleted(mirror, last);
    },
    listed: (keys) => checkListed(mirror, keys, isAnywhere ? undefined : controlPlaneNamespace),
  };
}

/** Takes an object in, once what has to give way has ended; answers with its row where it is its. */
async function take(
  mirror: HomeMirror,
  object: Manifest,
  origin: Origin,
): Promise<ApplicationRow | 'doubtful' | undefined> {
  const { control, transaction, signal } = mirror;
  const taken = await takeApplication(control, object, { origin, transaction });
  const { namespace, name } = object.metadata;
  switch (taken.outcome) {
    case 'taken':
    case 'known':
      return taken.row;
    case 'unreadable':
      control.log.warn({ namespace, name, message: taken.message }, 'application object cannot be read');
      return undefined;
    case 'doubtful':
      return taken.outcome;
    case 'busy':
      await sleep(busyMilliseconds, undefined, { signal });
      return take(mirror, object, origin);
    case 'conflict':
    case 'none':
      return undefined;
  }
}

/** What follows from an object beside its row: that it is there, that it is being deleted, and what it asks to be started. */
async function follow(mirror: HomeMirror, row: ApplicationRow, object: Manifest): Promise<void> {
  const { control, transaction } = mirror;
  // An object that had the name before says nothing about the one that the row mirrors.
  if (object.metadata.uid !== row.homeUid) return;
  if (isMissing(row)) await noteAbsence(control, transaction, row, undefined);
  await takeDeletion(control, transaction, row, object);
  await followOperation(mirror, row, object);
}
