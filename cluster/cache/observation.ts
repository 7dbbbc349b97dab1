import { createByteCache } from '../../core/byte-cache.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { compareVersions } from '../../core/object/resource-version.ts';
import type { ClusterClient } from '../request/client.ts';
import type { CacheChange, CacheStore } from './cache-store.ts';

/** Waits until a cache has caught up with a write. */
export type Observation = {
  /** To be told of every change. */
  onChange(change: CacheChange): void;
  hasSeen(write: Pick<ObservedWrite, 'resourceVersion' | 'uid'>): boolean;
  observed(write: ObservedWrite, options: ObserveOptions): Promise<Manifest | undefined>;
};

/** The state of an object that a write left behind. */
export type ObservedWrite = {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly key: ResourceKey;
};

export type ObserveOptions = {
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  /** False for kinds that no watch will ever report. */
  readonly watched: boolean;
};

/** Uids of deleted objects that are remembered: ten thousand, those of some minutes on a busy cluster. */
const deletionBytes = 2 * 1024 * 1024;

/** Builds the waiting room of one store. */
export function createObservation(
  client: Pick<ClusterClient, 'get' | 'preferredResource'>,
  store: CacheStore,
): Observation {
  const waiting = new Map<string, Set<() => void>>();
  const deleted = createByteCache<true>(deletionBytes);

  function hasSeen({ uid, resourceVersion }: Pick<ObservedWrite, 'resourceVersion' | 'uid'>): boolean {
    if (deleted.get(uid) === true) return true;
    const version = store.getByUid(uid)?.metadata.resourceVersion;
    return version !== undefined && (compareVersions(version, resourceVersion) ?? -1) >= 0;
  }

  async function ask(write: ObservedWrite, signal: AbortSignal | undefined): Promise<Manifest | undefined> {
    const { apiVersion } = await client.preferredResource(write.key.group, write.key.kind);
    const live = await client.get(apiVersion, write.key, { signal });
    return live?.metadata.uid === write.uid ? live : undefined;
  }

  /** Resolves with whether it was seen in time. */
  function wait(write: ObservedWrite, { deadlineMs, signal }: ObserveOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const room = waiting.get(write.uid) ?? new Set();
      waiting.set(write.uid, room);
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        room.delete(check);
        if (room.size === 0 && waiting.get(write.uid) === room) waiting.delete(write.uid);
      };
      const check = (): void => {
        if (!hasSeen(write)) return;
        leave();
        resolve(true);
      };
      const abort = (): void => {
        leave();
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        leave();
        resolve(false);
      }, deadlineMs);
      signal?.addEventListener('abort', abort, { once: true });
      room.add(check);
    });
  }

  return {
    hasSeen,
    onChange({ type, object }) {
      const { uid } = object.metadata;
      if (uid === undefined) return;
      if (type === 'deleted') deleted.set(uid, true, 0);
      for (const check of [...(waiting.get(uid) ?? [])]) check();
    },
    async observed(write, options) {
      options.signal?.throwIfAborted();
      if (hasSeen(write)) return store.getByUid(write.uid);
      if (!options.watched) return await ask(write, options.signal);
      if (await wait(write, options)) return store.getByUid(write.uid);
      return await ask(write, options.signal);
    },
  };
}
