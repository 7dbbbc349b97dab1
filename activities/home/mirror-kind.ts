import { setTimeout as sleep } from 'node:timers/promises';
import { type KindSink, watchKind } from '../../cluster/cache/kind-watch.ts';
import type { ApiResource } from '../../cluster/discovery/resource.ts';
import { mapBounded } from '../../core/bounded.ts';
import { describeError, KeelsonError } from '../../core/errors.ts';
import type { HomeKindNews } from '../../core/home/kind-state.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { isStoreUnavailable } from '../../db/store-unavailable.ts';
import { createLimiter } from '../../platform/limiter.ts';
import type { FoundAs, HomeMirror, MirroredKind } from './home-mirror.ts';

/** A kind that can't be read is looked for again after so long: its definition may come, or the right to read it. */
const unreadableMilliseconds = 2000;
/** What may pass by itself is tried again after so long. */
const retryMilliseconds = 500;
/** Entries of a list that are taken side by side. */
const takenAtOnce = 8;

/** What a watch has told and nobody has taken yet. */
type News =
  | { readonly kind: 'list'; readonly resource: ApiResource; readonly objects: readonly Manifest[] }
  | { readonly kind: 'present' | 'gone'; readonly object: Manifest };

/**
 * Mirrors one kind until the session ends: lists and watches it, and has everything taken in the order in which the API
 * server tells it. Rejects when the session can't go on.
 */
export async function mirrorKind(
  mirror: HomeMirror,
  kind: MirroredKind,
  report: (news: HomeKindNews) => void,
): Promise<void> {
  const news = openNews(mirror.signal);
  const taking = takeNews(mirror, kind, news, report);
  await Promise.all([taking, watchAlways(mirror, kind, news, report)]);
}

/** What is to be taken, in order; `next` waits for it, and has nothing any more once the session ends. */
type NewsQueue = { push(one: News): void; next(): Promise<News | undefined> };

function openNews(signal: AbortSignal): NewsQueue {
  const waiting: News[] = [];
  let wake = (): void => {};
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    push(one) {
      waiting.push(one);
      wake();
    },
    async next() {
      if (waiting.length === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return signal.aborted ? undefined : waiting.shift();
    },
  };
}

async function watchAlways(
  { client, signal }: HomeMirror,
  { resource: { apiVersion, kind, ...scope } }: MirroredKind,
  news: NewsQueue,
  report: (news: HomeKindNews) => void,
): Promise<void> {
  const sink: KindSink = {
    onList: (resource, objects) => news.push({ kind: 'list', resource, objects }),
    onEvent(_, event) {
      if (event.type === 'BOOKMARK') return;
      news.push({ kind: event.type === 'DELETED' ? 'gone' : 'present', object: event.object });
    },
    onState(_, state) {
      if (state.state === 'watching') report('watched');
      if ('reason' in state) report({ unavailable: state.reason });
    },
    onPage: () => {},
    onProblem: () => {},
  };
  const lists = createLimiter(1);
  while (!signal.aborted) {
    try {
      const resource = await client.resourceFor(apiVersion, kind);
      const { namespace, ...selectors } = scope;
      const within = { ...selectors, ...(namespace === undefined ? {} : { namespace }) };
      const options = { client, resource, sink, scope: within, lists, signal };
      await watchKind({ ...options, expectsRestores: true }).done;
    } catch (error) {
      report({ unavailable: describeError(error) });
    }
    await pause(unreadableMilliseconds, signal);
  }
}

async function takeNews(
  mirror: HomeMirror,
  kind: MirroredKind,
  news: NewsQueue,
  report: (news: HomeKindNews) => void,
): Promise<void> {
  for (let one = await news.next(); one !== undefined; one = await news.next()) {
    if (one.kind === 'list') {
      const { objects, resource } = one;
      await mapBounded(objects, takenAtOnce, (object) =>
        untilTaken(mirror, kind, object, () => takeSurely(mirror, kind, object, 'list')),
      );
      await untilTaken(mirror, kind, undefined, () => kind.listed(objects.map(keyOf), resource));
      report('listed');
      continue;
    }
    const { object } = one;
    const act =
      one.kind === 'gone'
        ? () => kind.gone(keyOf(object), object)
        : () => takeSurely(mirror, kind, object, 'event');
    await untilTaken(mirror, kind, object, act);
  }
}

/** Takes an object in, and reads it first where only that tells whether it is old. */
async function takeSurely(
  { client, signal }: HomeMirror,
  kind: MirroredKind,
  object: Manifest,
  as: FoundAs,
): Promise<void> {
  if ((await kind.take(object, as)) === 'done') return;
  const read = await client.get(object.apiVersion, keyOf(object), { signal });
  // One that isn't there any more is told by the watch that follows the list.
  if (read !== undefined) await kind.take(read, 'read');
}

/** Repeats what may pass; what can't work is logged and passed over. Throws where the session is over. */
async function untilTaken(
  mirror: HomeMirror,
  kind: MirroredKind,
  object: Manifest | undefined,
  act: () => Promise<void>,
): Promise<void> {
  const { signal } = mirror;
  for (let tries = 1; !signal.aborted; tries++) {
    try {
      return await act();
    } catch (error) {
      if (signal.aborted || endsWith(mirror, kind, object, { error, tries })) return;
    }
    await pause(retryMilliseconds, signal);
  }
}

/** Whether a failed try was the last. */
function endsWith(
  { control: { log } }: HomeMirror,
  { name: kind }: MirroredKind,
  object: Manifest | undefined,
  { error, tries }: { readonly error: unknown; readonly tries: number },
): boolean {
  if (error instanceof KeelsonError && error.code === 'fenced') throw error;
  const { namespace, name } = object?.metadata ?? {};
  const about = { kind, namespace, name, error: describeError(error) };
  const again = mayPass(error);
  if (!again) log.error(about, 'object of the home cluster could not be taken in');
  else if (tries === 1) log.warn(about, 'object of the home cluster is taken in later');
  return !again;
}

function mayPass(error: unknown): boolean {
  return isStoreUnavailable(error) || (error instanceof KeelsonError && error.retryable);
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {
    // Only the end of the session cuts it short, and the loops look at that next.
  });
}
