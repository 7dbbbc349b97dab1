import { type CacheStore, kindName } from '../cache/cache-store.ts';
import type { WatchState } from '../cache/kind-watch.ts';
import type { ApiResource } from './resource.ts';

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

/** That a cluster answers nobody: none of its watches stands. */
export type Outage = {
  /** When the last of them broke. */
  readonly since: Date;
  /** Why one of them can't be opened again. */
  readonly reason: string;
};

export type CacheStats = {
  readonly objects: number;
  readonly kinds: number;
  readonly watching: number;
  readonly skipped: number;
  /** Grows with every page, event and bookmark; a judge of hung caches compares it over time. */
  readonly progress: number;
};

/** Book of how each kind's watch stands. */
export type KindStates = {
  set(resource: ApiResource, state: WatchState): void;
  /** A list, an event or a bookmark has come. */
  touched(resource: ApiResource): void;
  progressed(): void;
  remove(resource: ApiResource): void;
  /** Whether a kind has been listed and is still followed. */
  isListed(group: string, kind: string): boolean;
  listed(): number;
  all(store: CacheStore): KindState[];
  /** Undefined while at least one kind can be read, or until none could be for so long. */
  outage(milliseconds?: number): Outage | undefined;
  stats(store: CacheStore): CacheStats;
};

/** Since when nothing was read of a kind, in milliseconds, and why. */
type Break = {
  readonly since: number;
  /** The same by a clock that nobody can set. */
  readonly begun: number;
  readonly reason: string;
};

type Entry = {
  resource: ApiResource;
  state: WatchState;
  lastSyncAt?: number;
  /** Stays while lists and watches are only tried. */
  broken?: Break | undefined;
};

/** An empty book. */
export function createKindStates(): KindStates {
  const entries = new Map<string, Entry>();
  let progress = 0;

  const inState = (name: WatchState['state']): number =>
    [...entries.values()].filter(({ state }) => state.state === name).length;

  const isCurrent = (entry: Entry | undefined): boolean =>
    entry?.lastSyncAt !== undefined && entry.state.state !== 'skipped';

  return {
    set(resource, state) {
      const name = kindName(resource.group, resource.kind);
      const entry = entries.get(name);
      entries.set(name, { ...entry, resource, state, broken: brokenIn(state, entry) });
    },
    touched(resource) {
      progress++;
      const entry = entries.get(kindName(resource.group, resource.kind));
      if (entry === undefined) return;
      entry.lastSyncAt = Date.now();
      entry.broken = undefined;
    },
    progressed() {
      progress++;
    },
    remove: (resource) => void entries.delete(kindName(resource.group, resource.kind)),
    isListed: (group, kind) => isCurrent(entries.get(kindName(group, kind))),
    listed: () => [...entries.values()].filter(isCurrent).length,
    all: (store) =>
      [...entries.values()].map(({ resource, state, lastSyncAt }) => ({
        group: resource.group,
        version: resource.version,
        kind: resource.kind,
        objects: store.count(kindName(resource.group, resource.kind)),
        ...state,
        ...(lastSyncAt === undefined ? {} : { lastSyncAt }),
      })),
    outage(milliseconds = 0) {
      let last: Break | undefined;
      for (const { state, broken } of entries.values()) {
        if (state.state === 'skipped') continue;
        if (broken === undefined) return undefined;
        if (last === undefined || broken.begun > last.begun) last = broken;
      }
      if (last === undefined || performance.now() - last.begun < milliseconds) return undefined;
      return { since: new Date(last.since), reason: last.reason };
    },
    stats: (store) => ({
      objects: store.size(),
      kinds: entries.size,
      watching: inState('watching'),
      skipped: inState('skipped'),
      progress,
    }),
  };
}

function brokenIn(state: WatchState, entry: Entry | undefined): Break | undefined {
  if (state.state === 'retrying') {
    const { since, begun } = entry?.broken ?? { since: Date.now(), begun: performance.now() };
    return { since, begun, reason: state.reason };
  }
  return state.state === 'listing' ? entry?.broken : undefined;
}
