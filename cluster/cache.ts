import type { ResourceKey } from '../core/object/key.ts';
import type { Manifest } from '../core/object/manifest.ts';
import type { ClusterClient } from './client.ts';

export type CacheChange = {
  readonly type: 'added' | 'updated' | 'deleted';
  /** The new state; the last known one for deletions. */
  readonly object: Manifest;
  readonly previous?: Manifest;
};

/** How the watch of one kind stands. */
export type KindState = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly state: 'listing' | 'watching' | 'retrying' | 'skipped';
  /** Why it is skipped or retried. */
  readonly reason?: string;
  readonly objects: number;
  /** Time of the last list, event or bookmark, in milliseconds; absent before the first list. */
  readonly lastSyncAt?: number;
};

export type CacheStats = {
  readonly objects: number;
  readonly kinds: number;
  readonly watching: number;
  readonly skipped: number;
  /** Grows with every page, event and bookmark; a judge of hung caches compares it over time. */
  readonly progress: number;
};

export type ClusterCacheOptions = {
  /** The application an object says it belongs to; undefined for objects of none. */
  readonly instanceOf: (object: Manifest) => string | undefined;
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
    options?: { readonly deadlineMs?: number; readonly signal?: AbortSignal },
  ): Promise<Manifest | undefined>;
  kinds(): readonly KindState[];
  /** Whether a kind is watched, so that absence from the cache means absence from the cluster. */
  watches(group: string, kind: string): boolean;
  stats(): CacheStats;
};

/** Builds a cache over a client; nothing is read before `start`. */
export declare function createClusterCache(client: ClusterClient, options: ClusterCacheOptions): ClusterCache;
