import type { Manifest } from '../core/object/manifest.ts';
import type { Keyring } from '../platform/encryption.ts';
import type { Database } from './client.ts';
import { loadManifests, storeManifests } from './queries/manifest.ts';
import { getRender, type RenderRow } from './queries/render.ts';

/**
 * Manifests and renders, which never change once they are stored: what was used lately stays in memory, opened, so a
 * comparison that finds nothing new reads none of it again.
 */
export type ContentStore = {
  /** Loads manifests by digest; every digest must be known. */
  manifests(digests: readonly string[]): Promise<ReadonlyMap<string, Manifest>>;
  /** Stores manifests; answers with their digests in the same order. */
  store(objects: readonly Manifest[]): Promise<string[]>;
  render(id: string): Promise<RenderRow | undefined>;
};

/** Manifests of small services take about 1 KB each as objects; large CRDs take up to 1 MB, and few are in use. */
const mostManifests = 50_000;
const mostRenders = 5_000;

/** A store over one database and keyring. */
export function createContentStore(db: Database, keyring: Keyring): ContentStore {
  const manifests = new Map<string, Manifest>();
  const renders = new Map<string, RenderRow>();
  return {
    async manifests(digests) {
      const missing = digests.filter((digest) => !manifests.has(digest));
      const loaded = await loadManifests(db, keyring, missing);
      const found = new Map<string, Manifest>();
      for (const digest of digests) {
        const manifest = manifests.get(digest) ?? loaded.get(digest);
        if (manifest === undefined) continue;
        found.set(digest, manifest);
        keep(manifests, digest, manifest, mostManifests);
      }
      return found;
    },
    async store(objects) {
      const digests = await storeManifests(db, keyring, objects);
      for (const [position, digest] of digests.entries()) {
        const object = objects[position];
        if (object !== undefined) keep(manifests, digest, object, mostManifests);
      }
      return digests;
    },
    async render(id) {
      const row = renders.get(id) ?? (await getRender(db, id));
      if (row !== undefined) keep(renders, id, row, mostRenders);
      return row;
    },
  };
}

/** Puts an entry last, as the one used most lately, and drops the first when there are too many. */
function keep<Value>(entries: Map<string, Value>, id: string, value: Value, most: number): void {
  entries.delete(id);
  entries.set(id, value);
  if (entries.size <= most) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}
