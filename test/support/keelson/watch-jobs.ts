import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchEvent } from '../../../cluster/request/calls.ts';
import type { ClusterClient } from '../../../cluster/request/client.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';

/** Watches the Jobs of a namespace: what each that ever was there had as its stamp, by uid. */
export function watchJobs(
  cluster: ClusterClient,
  namespace: string,
): { readonly stamps: ReadonlyMap<string, string>; stop(): Promise<void> } {
  const stamps = new Map<string, string>();
  const stopping = new AbortController();
  const { signal } = stopping;
  const note = ({ metadata }: Pick<Manifest, 'metadata'>): void => {
    stamps.set(metadata.uid ?? '', metadata.annotations?.['keelson.dev/step'] ?? '');
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const resource = await cluster.resourceFor('batch/v1', 'Job');
        const { items, resourceVersion } = await cluster.list(resource, { namespace });
        for (const item of items) note(item);
        const onEvent = (event: WatchEvent): void => {
          if (event.type !== 'BOOKMARK') note(event.object);
        };
        await cluster.watch(resource, { namespace, resourceVersion, signal, onEvent });
      } catch {
        // The watch broke or the test ends: the next round lists again.
        await sleep(100);
      }
    }
  };
  const ended = run();
  return {
    stamps,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
