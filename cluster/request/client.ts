import { z } from 'zod';
import type { KeelsonError } from '../../core/errors.ts';
import type { ResourceKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { watchOnce } from '../cache/watch.ts';
import { createKindRegistry, type Discovery, type KindRegistry } from '../discovery/discovery.ts';
import type { ApiResource } from '../discovery/resource.ts';
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  ListOptions,
  LogOptions,
  ObjectList,
  PatchOptions,
  PatchType,
  WatchEnd,
  WatchOptions,
  WriteOptions,
} from './calls.ts';
import type { ClusterCredentials } from './credentials.ts';
import { createRequester } from './object-request.ts';
import { openPodLog } from './pod-log.ts';
import { createReads } from './read-objects.ts';
import { createTransport, type TransportOptions } from './transport.ts';
import { createWrites } from './write-objects.ts';

export type { Discovery } from '../discovery/discovery.ts';
export type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  ListOptions,
  LogOptions,
  ObjectList,
  PatchOptions,
  PatchType,
  WatchEnd,
  WatchOptions,
  WriteOptions,
} from './calls.ts';

/** One cluster, seen by one identity. Failures are KeelsonErrors; those of one object are ObjectErrors. */
export type ClusterClient = {
  readonly name: string;
  readonly server: string;
  version(
    options?: CallOptions,
  ): Promise<{ readonly major: string; readonly minor: string; readonly gitVersion: string }>;
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
  patch(
    apiVersion: string,
    key: ResourceKey,
    body: unknown,
    type: PatchType,
    options?: PatchOptions,
  ): Promise<Manifest>;
  /** `deleting`: accepted, finalizers may hold it; `gone`: it does not exist any more. */
  delete(apiVersion: string, key: ResourceKey, options?: DeleteOptions): Promise<'deleting' | 'gone'>;
  /** Lines of a container's log, as they come. */
  podLogs(namespace: string, pod: string, options?: LogOptions): Promise<AsyncIterable<string>>;
  /** The same client, whose reads and writes of objects are made as a user with the rights of that one alone. */
  as(user: string): ClusterClient;
  /** Aborted once the client was retired. */
  readonly retired: AbortSignal;
  /** Makes no request from now on, since who asks or where is another now; what was sent is still answered. */
  retire(reason: KeelsonError): void;
  close(): Promise<void>;
};

/** `maxConcurrentRequests` (100) leaves watches and logs apart; `requestTimeoutMs` (65 s) is for the head of a reply, `maxReplyBytes` for its body. */
export type ClusterClientOptions = TransportOptions;

const ServerVersion = z.object({ major: z.string(), minor: z.string(), gitVersion: z.string() });

/** Opens a client; no connection is made before the first call. */
export function createClusterClient(
  credentials: ClusterCredentials,
  options: ClusterClientOptions = {},
): ClusterClient {
  const { name, server } = credentials;
  const transport = createTransport(credentials, options);
  const requester = createRequester(name, transport);
  const read = (path: string, accept?: string, signal?: AbortSignal): Promise<unknown> =>
    requester.json({
      method: 'GET',
      path,
      idempotent: true,
      signal,
      ...(accept === undefined ? {} : { accept }),
    });
  const kinds: KindRegistry = createKindRegistry(name, read);
  const retirement = new AbortController();
  const client: ClusterClient = {
    name,
    server,
    async version({ signal } = {}) {
      return ServerVersion.parse(await read('/version', undefined, signal));
    },
    ...kinds,
    ...createReads(requester, kinds),
    ...createWrites(requester, kinds),
    watch: (resource, watchOptions) => watchOnce(credentials, transport, resource, watchOptions),
    podLogs: (namespace, pod, logOptions) =>
      openPodLog(credentials, transport, { namespace, name: pod }, logOptions),
    retired: retirement.signal,
    retire(reason) {
      transport.retire(reason);
      retirement.abort(reason);
    },
    as(user) {
      const requesterAs = createRequester(name, transport, user);
      return { ...client, ...createReads(requesterAs, kinds), ...createWrites(requesterAs, kinds) };
    },
    close: () => transport.close(),
  };
  return client;
}
