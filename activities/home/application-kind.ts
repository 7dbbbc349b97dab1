import { setTimeout as sleep } from 'node:timers/promises';
import { takeApplication } from '../../control/home/take-application.ts';
import type { Origin } from '../../core/home/incarnation.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import type { HomeMirror, MirroredKind } from './home-mirror.ts';

/** Until an operation that has to give way has ended. */
const busyMilliseconds = 500;

/** Applications: in Keelson's own namespace, and in all of them where the settings let some live elsewhere. */
export function applicationKind(mirror: HomeMirror): MirroredKind {
  const { control } = mirror;
  const isAnywhere = control.settings.current().applicationNamespaces.length > 0;
  return {
    name: 'applications',
    resource: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      namespace: isAnywhere ? undefined : control.config.controlPlaneNamespace,
    },
    take: (object, as) => take(mirror, object, as),
    gone: async () => {},
    listed: async () => {},
  };
}

async function take(mirror: HomeMirror, object: Manifest, origin: Origin): Promise<void> {
  const { control, transaction, client, signal } = mirror;
  const taken = await takeApplication(control, object, { origin, transaction });
  const { namespace, name } = object.metadata;
  if (taken.outcome === 'unreadable') {
    control.log.warn({ namespace, name, message: taken.message }, 'application object cannot be read');
  }
  if (taken.outcome === 'doubtful') {
    const read = await client.get(object.apiVersion, keyOf(object), { signal });
    // One that isn't there any more is told by the watch that follows the list.
    if (read !== undefined) await take(mirror, read, 'read');
  }
  if (taken.outcome === 'busy') {
    await sleep(busyMilliseconds, undefined, { signal });
    await take(mirror, object, origin);
  }
}
