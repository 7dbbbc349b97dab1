import { setTimeout as sleep } from 'node:timers/promises';
import { anySignal } from '../../core/waiting/any-signal.ts';
import { createLimiter } from '../../platform/limiter.ts';
import { cachedKinds } from '../discovery/cached-kinds.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { ApiResource, KindFilter } from '../discovery/resource.ts';
import type { ClusterClient } from '../request/client.ts';
import { kindName } from './cache-store.ts';
import { type KindSink, watchKind } from './kind-watch.ts';

/** The running watches of one cache, one per kind, kept in step with what the cluster serves. */
export type KindWatches = {
  /** Starts and stops watches as discovery says; resolves when the new ones have settled. */
  follow(discovery: Discovery): Promise<void>;
  /** Looks at the cluster's kinds again soon, and some times more until nothing expected is missing. */
  lookSoon(): void;
  /** Looks again from time to time until the signal aborts. */
  lookAlways(): Promise<void>;
};

export type KindWatchesOptions = {
  readonly client: ClusterClient;
  readonly sink: KindSink;
  readonly signal: AbortSignal;
  /** A kind is not served any more. */
  readonly onRemoved: (resource: ApiResource) => void;
  /** Kinds that custom resource definitions promise, by name. */
  readonly promised: () => readonly string[];
  /** Kinds that are not watched. */
  readonly isExcluded: KindFilter;
};

/** Lists under way at once: 60 kinds of an empty cluster are in within a second, and a large one is not flooded. */
const concurrentLists = 20;
/** New kinds appear in discovery up to some seconds after their definition is established. */
const looksAfterMs = [100, 400, 1000, 3000, 10_000, 30_000];
/** Also when kinds that were refused are tried again. */
const regularLookMs = 5 * 60_000;

type Running = { readonly resource: ApiResource; readonly abort: AbortController; ended: boolean };

/** Builds the set; nothing runs before `follow`. */
export function createKindWatches(options: KindWatchesOptions): KindWatches {
  const { client, sink, signal, onRemoved, promised, isExcluded } = options;
  const running = new Map<string, Running>();
  const lists = createLimiter(concurrentLists);
  let sequence = 0;

  function begin(name: string, resource: ApiResource): Promise<void> {
    const abort = new AbortController();
    const entry: Running = { resource, abort, ended: false };
    running.set(name, entry);
    const both = anySignal([signal, abort.signal]);
    const { settled, done } = watchKind({ client, resource, sink, lists, signal: both });
    void done
      .catch((error: unknown) => sink.onProblem(resource, error))
      .finally(() => {
        entry.ended = true;
      });
    return settled;
  }

  /** Ends the watches of kinds that are served no more, or in another version now. */
  function end(served: ReadonlyMap<string, ApiResource>, unclear: ReadonlySet<string>): void {
    for (const [name, { resource, abort }] of running) {
      const now = served.get(name);
      if (now?.apiVersion === resource.apiVersion) continue;
      if (now === undefined && unclear.has(resource.apiVersion)) continue;
      abort.abort();
      running.delete(name);
      if (now === undefined) onRemoved(resource);
    }
  }

  async function follow({ resources, failures }: Discovery): Promise<void> {
    const served = new Map(
      cachedKinds(resources, isExcluded).map((each) => [kindName(each.group, each.kind), each]),
    );
    end(served, new Set(failures.map(({ groupVersion }) => groupVersion)));
    const missing = [...served].filter(([name]) => running.get(name)?.ended !== false);
    await Promise.all(missing.map(([name, resource]) => begin(name, resource)));
  }

  async function look(): Promise<void> {
    try {
      await follow(await client.discover({ refresh: true }));
    } catch (error) {
      // The watches that run go on; the next look comes by itself.
      sink.onProblem({ ...noResource, kind: 'discovery' }, error);
    }
  }

  async function lookUntilComplete(): Promise<void> {
    const own = ++sequence;
    for (const delayMs of looksAfterMs) {
      if (!(await pause(delayMs, signal)) || own !== sequence) return;
      await look();
      if (own !== sequence || promised().every((name) => running.has(name))) return;
    }
  }

  return {
    follow,
    lookSoon: () => void lookUntilComplete(),
    async lookAlways() {
      while (await pause(regularLookMs * (0.75 + Math.random() / 2), signal)) await look();
    },
  };
}

const noResource: ApiResource = {
  group: '',
  version: '',
  apiVersion: '',
  kind: '',
  plural: '',
  namespaced: false,
  verbs: [],
  preferred: false,
};

/** False when the signal ended the pause. */
async function pause(delayMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    // The rest of the program decides how long the process lives, not this timer.
    await sleep(delayMs, undefined, { signal, ref: false });
    return true;
  } catch {
    // Only the abort ends the sleep early.
    return false;
  }
}
