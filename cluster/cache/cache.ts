import { KeelsonError } from '../../core/errors.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { changesKinds, definitionKind, promisedKinds } from '../discovery/definitions.ts';
import { type CacheStats, createKindStates, type KindState, type Outage } from '../discovery/kind-states.ts';
import type { KindFilter } from '../discovery/resource.ts';
import type { ClusterClient } from '../request/client.ts';
import { type CacheChange, createCacheStore, kindName } from './cache-store.ts';
import type { KindSink } from './kind-watch.ts';
import { createKindWatches } from './kind-watches.ts';
import { createObservation } from './observation.ts';

export type { CacheStats, KindState, Outage } from '../discovery/kind-states.ts';
export type { CacheChange } from './cache-store.ts';

export type ClusterCacheOptions = {
  /** The application an object says it belongs to; undefined for objects of none. */
  readonly instanceOf: (object: Manifest) => string | undefined;
  /** Kinds that the cache neither lists nor watches; none unless given. */
  readonly isExcluded?: KindFilter;
  /** Called with every failure that the cache overcomes by itself. */
  readonly onProblem?: (kind: string, error: unknown) => void;
};

/** The live objects of one cluster in memory, kept fresh by watches. */
export type ClusterCache = {
  /**
   * Resolves when every list is in; kinds that may not be listed are skipped with a reason. Rejects when the
   * cluster can't be reached. The cache runs until the signal aborts.
   */
  start(signal: AbortSignal): Promise<void>;
  get(key: ResourceKey): Manifest | undefined;
  getByUid(uid: string): Manifest | undefined;
  /** Objects of one application that no other object owns. */
  tracked(instanceName: string): readonly Manifest[];
  /** Applications that objects say they belong to. */
  instances(): readonly string[];
  ofKind(group: string, kind: string): readonly Manifest[];
  /** Objects of a namespace that no other object owns. */
  inNamespace(namespace: string): readonly Manifest[];
  children(uid: string): readonly Manifest[];
  /** Children, their children and so on; an object appears once, cycles end. */
  descendants(uid: string): readonly Manifest[];
  onChange(listener: (change: CacheChange) => void): () => void;
  /**
   * Resolves once the cache has seen the object with this uid at that resource version or later, or gone: the
   * cached object, undefined when gone. Past the deadline (5 s by default) it asks the API server.
   */
  observed(
    uid: string,
    resourceVersion: string,
    key: ResourceKey,
    options?: { readonly deadlineMs?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<Manifest | undefined>;
  /** Whether the cache has seen the object with this uid at that resource version or later, or gone. */
  hasSeen(uid: string, resourceVersion: string): boolean;
  kinds(): readonly KindState[];
  /** Whether a kind is watched, so that absence from the cache means absence from the cluster. */
  watches(group: string, kind: string): boolean;
  /** Set while none of its kinds can be read, or none could be for so long: what it holds may be old. */
  outage(milliseconds?: number): Outage | undefined;
  stats(): CacheStats;
};

/** Builds a cache over a client; nothing is read before `start`. */
export function createClusterCache(client: ClusterClient, options: ClusterCacheOptions): ClusterCache {
  const store = createCacheStore(options.instanceOf);
  const observation = createObservation(client, store);
  const states = createKindStates();
  const listeners = new Set<(change: CacheChange) => void>();
  const report = options.onProblem ?? (() => {});
  const isExcluded = options.isExcluded ?? (() => false);
  let kindsChanged = (): void => {};

  function publish(changes: readonly CacheChange[]): void {
    for (const change of changes) {
      observation.onChange(change);
      if (changesKinds(change)) kindsChanged();
      for (const listener of listeners) {
        try {
          listener(change);
        } catch (error) {
          // One listener's mistake must neither stop the watch nor keep the change from the others.
          report(change.object.kind, error);
        }
      }
    }
  }

  const sink: KindSink = {
    onList(resource, objects) {
      states.touched(resource);
      publish(store.reset(kindName(resource.group, resource.kind), objects));
    },
    onEvent(resource, event) {
      states.touched(resource);
      if (event.type === 'BOOKMARK') return;
      publish(event.type === 'DELETED' ? store.remove(event.object) : store.put(event.object));
    },
    onState: (resource, state) => states.set(resource, state),
    onPage: () => states.progressed(),
    onProblem: (resource, error) => report(kindName(resource.group, resource.kind), error),
  };

  return {
    async start(signal) {
      const watches = createKindWatches({
        client,
        sink,
        signal,
        onRemoved(resource) {
          states.remove(resource);
          publish(store.reset(kindName(resource.group, resource.kind), []));
        },
        promised: () => promisedKinds(store.ofKind(definitionKind), isExcluded),
        isExcluded,
      });
      await watches.follow(await client.discover({ refresh: true }));
      signal.throwIfAborted();
      if (states.listed() === 0) throw nothingListed(client, states.all(store));
      kindsChanged = watches.lookSoon;
      // Definitions that came while the lists were under way.
      watches.lookSoon();
      void watches.lookAlways();
    },
    get: store.get,
    getByUid: store.getByUid,
    tracked: store.tracked,
    instances: store.instances,
    ofKind: (group, kind) => store.ofKind(kindName(group, kind)),
    inNamespace: store.inNamespace,
    children: store.children,
    descendants: store.descendants,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    observed(uid, resourceVersion, key, { deadlineMs = 5000, signal } = {}) {
      const watched = states.isListed(key.group, key.kind);
      return observation.observed({ uid, resourceVersion, key }, { deadlineMs, signal, watched });
    },
    hasSeen: (uid, resourceVersion) => observation.hasSeen({ uid, resourceVersion }),
    kinds: () => states.all(store),
    watches: states.isListed,
    outage: states.outage,
    stats: () => states.stats(store),
  };
}

function nothingListed(client: ClusterClient, kinds: readonly KindState[]): KeelsonError {
  const reason =
    kinds.find((kind) => kind.reason !== undefined)?.reason ?? 'it serves no kind that can be watched';
  const message = `cluster ${client.name} (${client.server}): none of its ${kinds.length} kinds could be listed: ${reason}`;
  const refused = kinds.every((kind) => kind.state === 'skipped');
  return new KeelsonError(refused ? 'forbidden' : 'cluster-unreachable', message, { retryable: !refused });
}
