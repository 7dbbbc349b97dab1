import { mapBounded } from '../../../core/bounded.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { keyId, type ResourceKey } from '../../../core/object/key.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { isExcluded } from '../../../core/settings/filter.ts';
import type { ClusterView } from '../cluster-view.ts';

/**
 * Objects of kinds that the cache doesn't watch, by application, as far as plans of this session were to write them.
 * What the last comparison listed outlives the session; this covers syncs that nobody has compared yet.
 */
export type UnwatchedMemory = {
  remember(instance: string, keys: readonly ResourceKey[]): void;
  of(instance: string): readonly ResourceKey[];
  forget(instance: string, key: ResourceKey): void;
};

export function createUnwatchedMemory(): UnwatchedMemory {
  const byInstance = new Map<string, Map<string, ResourceKey>>();
  return {
    remember(instance, keys) {
      if (keys.length === 0) return;
      const known = byInstance.get(instance) ?? new Map<string, ResourceKey>();
      for (const key of keys) known.set(keyId(key), key);
      byInstance.set(instance, known);
    },
    of: (instance) => [...(byInstance.get(instance)?.values() ?? [])],
    forget(instance, key) {
      const known = byInstance.get(instance);
      if (known?.delete(keyId(key)) && known.size === 0) byInstance.delete(instance);
    },
  };
}

type View = Pick<ClusterView, 'address' | 'direct' | 'settings' | 'watches'>;

/** A view with what is remembered of kinds that it doesn't watch. */
export type Unwatched = { readonly view: View; readonly unwatched: UnwatchedMemory };

/** Objects read side by side. */
const parallelReads = 20;

/** Whether only a direct look tells of objects of this kind, and the settings have nothing against looking. */
export function isUnwatched(view: View, key: ResourceKey): boolean {
  return !view.watches(key.group, key.kind) && isLooked(view, key);
}

/** Whether the settings have nothing against looking at objects of this kind. */
function isLooked({ settings, address }: View, { group, kind }: ResourceKey): boolean {
  return !isExcluded(settings, { group, kind, cluster: address });
}

/**
 * The live objects among keys of unwatched kinds, straight from the cluster; a kind that is gone has none. Those whose
 * ids are `known` are looked at elsewhere, where one that can't be read costs only itself. `watchedToo` reads those of
 * watched kinds as well: a watch may be behind what was written last.
 */
export async function readUnwatched(
  { view, unwatched }: Unwatched,
  of: {
    readonly instance: string;
    readonly candidates: readonly ResourceKey[];
    readonly known: ReadonlySet<string>;
    readonly watchedToo: boolean;
  },
): Promise<Manifest[]> {
  const { instance, candidates, known, watchedToo } = of;
  const isRead = (key: ResourceKey): boolean =>
    key.name !== '' && !known.has(keyId(key)) && (watchedToo ? isLooked(view, key) : isUnwatched(view, key));
  const remembered = [...candidates, ...unwatched.of(instance)];
  const keys = new Map(remembered.filter(isRead).map((key) => [keyId(key), key] as const));
  const found = await mapBounded([...keys.values()], parallelReads, async (key) => {
    const live = await read(view, key);
    if (live === undefined) unwatched.forget(instance, key);
    return live === undefined ? [] : [live];
  });
  return found.flat();
}

async function read({ direct }: View, key: ResourceKey): Promise<Manifest | undefined> {
  try {
    const { apiVersion } = await direct.preferredResource(key.group, key.kind);
    return await direct.get(apiVersion, key);
  } catch (error) {
    // What the cluster doesn't serve or this identity can't see is nothing that it could delete.
    if (error instanceof KeelsonError && ['kind-unknown', 'forbidden'].includes(error.code)) return undefined;
    throw error;
  }
}
