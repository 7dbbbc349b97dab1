import { setTimeout as sleep } from 'node:timers/promises';
import { KeelsonError } from '../../core/errors.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { compareVersions } from '../../core/object/resource-version.ts';
import type { Limiter } from '../../platform/limiter.ts';
import type { ApiResource } from '../discovery/resource.ts';
import type { WatchEvent, WatchOptions } from '../request/calls.ts';
import type { ClusterClient } from '../request/client.ts';

/** How the watch of one kind stands. */
export type WatchState =
  | { readonly state: 'listing' }
  | { readonly state: 'watching' }
  | { readonly state: 'retrying' | 'skipped'; readonly reason: string };

/** What one kind's watch tells its cache. */
export type KindSink = {
  onList(resource: ApiResource, objects: readonly Manifest[]): void;
  onEvent(resource: ApiResource, event: WatchEvent): void;
  onState(resource: ApiResource, state: WatchState): void;
  /** A page has come; nothing is complete yet. */
  onPage(): void;
  onProblem(resource: ApiResource, error: unknown): void;
};

/** The objects that a watch is about. */
export type WatchScope = Pick<WatchOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>;

export type KindWatchOptions = {
  readonly client: ClusterClient;
  readonly resource: ApiResource;
  readonly sink: KindSink;
  /** Which objects of the kind; all of them unless given. */
  readonly scope?: WatchScope;
  /** Whether a watch asks before it goes on whether the cluster's store is as new as what it has seen. */
  readonly expectsRestores?: boolean;
  /** Shared by all kinds, so that a start does not flood the API server with lists. */
  readonly lists: Limiter;
  readonly signal: AbortSignal;
};

/** First lists that fail this often no longer hold the start of the whole cache up. */
const patience = 3;

/**
 * Keeps one kind fresh until the signal aborts or the kind turns out not to be readable. `settled` resolves with
 * the first list, with its refusal, or when patience ends.
 */
export function watchKind(options: KindWatchOptions): {
  readonly settled: Promise<void>;
  readonly done: Promise<void>;
} {
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
  const done = keepFresh(options, settle).finally(settle);
  return { settled, done };
}

async function keepFresh(options: KindWatchOptions, settle: () => void): Promise<void> {
  const { resource, sink, signal } = options;
  let resourceVersion: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      resourceVersion = (await stillKnown(options, resourceVersion)) ?? (await list(options));
      settle();
      const version = resourceVersion;
      const end = await watch(options, version, (reached) => {
        resourceVersion = reached;
      });
      resourceVersion = end;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      if (failures >= patience) settle();
      if (tell(sink, resource, error, failures) === 'skipped') return;
    }
    // A watch that ends at once, cleanly or not, must not become a busy loop.
    if (performance.now() - startedAt < 1000) await backOff(failures, signal);
  }
}

/** Tells of a failure in a row of them; the answer is how the kind stands now. */
function tell(
  sink: KindSink,
  resource: ApiResource,
  error: unknown,
  failures: number,
): 'retrying' | 'skipped' {
  const state = isUnreadable(error) ? 'skipped' : 'retrying';
  sink.onState(resource, { state, reason: reasonOf(error) });
  // The state says the rest: a line with each try would fill the log for as long as it lasts.
  if (state === 'retrying' && failures === 1) sink.onProblem(resource, error);
  return state;
}

/** No object has this name, so that a list of it is empty and says how new the store is. */
const nobody = 'metadata.name=-';

/**
 * Where a watch goes on; undefined where it has seen what the store doesn't know, since that was restored from a backup.
 * An API server takes a watch from there without a word and tells nothing until the versions have caught up, so what
 * happens until then would be lost.
 */
async function stillKnown(
  { client, resource, scope, signal, expectsRestores = false }: KindWatchOptions,
  seen: string | undefined,
): Promise<string | undefined> {
  if (!expectsRestores || seen === undefined) return seen;
  const { namespace } = scope ?? {};
  const within = namespace === undefined ? {} : { namespace };
  const { resourceVersion } = await client.list(resource, { ...within, fieldSelector: nobody, signal });
  return (compareVersions(resourceVersion, seen) ?? 0) < 0 ? undefined : seen;
}

async function list({ client, resource, sink, scope, lists, signal }: KindWatchOptions): Promise<string> {
  sink.onState(resource, { state: 'listing' });
  return await lists.run(async () => {
    const { items, resourceVersion } = await client.list(resource, {
      ...scope,
      signal,
      onPage: () => sink.onPage(),
    });
    sink.onList(resource, items);
    return resourceVersion;
  }, signal);
}

/** Where the next watch starts; undefined when a new list is needed. */
async function watch(
  { client, resource, sink, scope, signal }: KindWatchOptions,
  resourceVersion: string,
  onReached: (resourceVersion: string) => void,
): Promise<string | undefined> {
  const end = await client.watch(resource, {
    ...scope,
    resourceVersion,
    signal,
    onOpen: () => sink.onState(resource, { state: 'watching' }),
    onEvent(event) {
      sink.onEvent(resource, event);
      const reached =
        event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
      if (reached) onReached(reached);
    },
  });
  return end.reason === 'expired' ? undefined : end.resourceVersion;
}

/** Refusals that stay until somebody grants a right or installs the kind. */
function isUnreadable(error: unknown): boolean {
  if (!(error instanceof KeelsonError)) return false;
  return error.code === 'forbidden' || error.code === 'kind-unknown' || error.details['status'] === 405;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function backOff(failures: number, signal: AbortSignal): Promise<void> {
  const delayMs = Math.min(5000, 200 * 2 ** failures) * (0.5 + Math.random() / 2);
  try {
    await sleep(delayMs, undefined, { signal });
  } catch {
    // Only the abort ends the sleep early, and the loop looks at it next.
  }
}
