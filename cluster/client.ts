import type { ResourceKey } from '../core/object/key.ts';
import type { Manifest } from '../core/object/manifest.ts';
import type { ClusterCredentials } from './credentials.ts';
import type { ApiResource } from './resource.ts';

/** What a cluster serves, and the API groups that could not be read. */
export type Discovery = {
  readonly resources: readonly ApiResource[];
  /** One entry per group version that did not answer; the others are complete. */
  readonly failures: readonly { readonly groupVersion: string; readonly reason: string }[];
};

/** Field validation of unknown and duplicate fields: refuse them or drop them silently. */
export type FieldValidation = 'Strict' | 'Ignore';

export type ObjectList = { readonly items: readonly Manifest[]; readonly resourceVersion: string };

/** One change of one object, or a bookmark that only moves the resource version on. */
export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Manifest }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/**
 * Why a watch is over. `ended`: the server's time for it was up; `silent`: neither event nor bookmark within the
 * deadline; `expired`: the resource version is too old and a new list is needed.
 */
export type WatchEnd = {
  readonly reason: 'ended' | 'silent' | 'expired';
  /** Where the next watch goes on, unless expired. */
  readonly resourceVersion: string;
};

export type CallOptions = { readonly signal?: AbortSignal };

export type WriteOptions = CallOptions & {
  /** Lets the server judge the write, admission included, and store nothing. */
  readonly dryRun?: boolean;
  /** `keelson` by default. */
  readonly fieldManager?: string;
  /** `Strict` by default. */
  readonly fieldValidation?: FieldValidation;
};

export type ApplyOptions = WriteOptions & {
  /** Takes fields over from other managers instead of failing; true by default. */
  readonly force?: boolean;
};

export type ListOptions = CallOptions & {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects per request, 500 by default; all pages are read. */
  readonly pageSize?: number;
};

export type WatchOptions = {
  readonly resourceVersion: string;
  readonly onEvent: (event: WatchEvent) => void;
  readonly signal: AbortSignal;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Longest time without a line before the connection counts as dead; 150 s by default, as bookmarks come each minute. */
  readonly silenceMs?: number;
  /** Time after which the server ends the watch; random between 240 and 480 s by default. */
  readonly timeoutSeconds?: number;
};

export type PatchType = 'json' | 'merge' | 'strategic';

export type PatchOptions = WriteOptions & { readonly subresource?: string };

export type DeleteOptions = CallOptions & {
  /** Deletes this very object and no successor of the same name. */
  readonly uid?: string;
  readonly propagationPolicy?: 'foreground' | 'background' | 'orphan';
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
};

export type LogOptions = CallOptions & {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly sinceTime?: string;
};

/** One cluster, seen by one identity. Failures are KeelsonErrors; those of one object are ObjectErrors. */
export type ClusterClient = {
  readonly name: string;
  readonly server: string;
  version(options?: CallOptions): Promise<{ readonly major: string; readonly minor: string; readonly gitVersion: string }>;
  /** What the cluster serves, from memory unless a refresh is asked for. */
  discover(options?: { readonly refresh?: boolean }): Promise<Discovery>;
  /** Looks again once when the kind is not known, so a CRD created just now is found; then fails with `kind-unknown`. */
  resourceFor(apiVersion: string, kind: string): Promise<ApiResource>;
  /** The version of a kind that the cluster prefers. */
  preferredResource(group: string, kind: string): Promise<ApiResource>;
  get(apiVersion: string, key: ResourceKey, options?: CallOptions): Promise<Manifest | undefined>;
  list(resource: ApiResource, options?: ListOptions): Promise<ObjectList>;
  /** Holds one watch until it ends; aborting the signal rejects with its reason. */
  watch(resource: ApiResource, options: WatchOptions): Promise<WatchEnd>;
  applyServerSide(manifest: Manifest, options?: ApplyOptions): Promise<Manifest>;
  create(manifest: Manifest, options?: WriteOptions): Promise<Manifest>;
  /** Replaces the whole object; metadata.resourceVersion, where set, must still be current. */
  replace(manifest: Manifest, options?: WriteOptions): Promise<Manifest>;
  patch(apiVersion: string, key: ResourceKey, body: unknown, type: PatchType, options?: PatchOptions): Promise<Manifest>;
  /** `deleting`: accepted, finalizers may hold it; `gone`: it does not exist any more. */
  delete(apiVersion: string, key: ResourceKey, options?: DeleteOptions): Promise<'deleting' | 'gone'>;
  /** Lines of a container's log, as they come. */
  podLogs(namespace: string, pod: string, options?: LogOptions): Promise<AsyncIterable<string>>;
  close(): Promise<void>;
};

export type ClusterClientOptions = {
  /** Requests in flight at once, watches and logs apart; 100 by default. */
  readonly maxConcurrentRequests?: number;
  /** Longest wait for the head of a reply; 65 s by default, just above the API server's own limit. */
  readonly requestTimeoutMs?: number;
};

/** Opens a client; no connection is made before the first call. */
export declare function createClusterClient(credentials: ClusterCredentials, options?: ClusterClientOptions): ClusterClient;
