import { setTimeout as sleep } from 'node:timers/promises';
import type { ResourceKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { ClusterClient } from '../request/client.ts';

/** An object that is being deleted; another one under its key is another object. */
export type Leaving = {
  readonly apiVersion: string;
  readonly key: ResourceKey;
  readonly uid: string | undefined;
};

const firstPauseMs = 50;
const lastPauseMs = 1000;

/** Waits until an object is gone. `onSeen` is given it each time that it is still there; what it throws ends the wait. */
export async function untilGone(
  client: ClusterClient,
  { apiVersion, key, uid }: Leaving,
  signal: AbortSignal | undefined,
  onSeen: (live: Manifest) => void | Promise<void>,
): Promise<void> {
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, lastPauseMs)) {
    const live = await client.get(apiVersion, key, { signal });
    if (live === undefined || live.metadata.uid !== uid) return;
    await onSeen(live);
    await sleep(pause, undefined, signal === undefined ? {} : { signal });
  }
}
