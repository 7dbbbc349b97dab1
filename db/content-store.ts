import { keyOf, type Manifest } from '../core/object/manifest.ts';
import type { Keyring } from '../platform/encryption.ts';
import type { Database } from './client.ts';
import {
  insertManifests,
  loadManifests,
  type ManifestText,
  type SealedManifest,
  sealMissing,
  textsOf,
} from './queries/manifest.ts';
import { getRender, type NewRender, type RenderRow, storeRender } from './queries/render.ts';
import type { RenderedObject } from './schema/manifest.ts';

/**
 * Manifests and renders, which never change once they are stored: what was used lately stays in memory, opened, so a
 * comparison that finds nothing new reads none of it again.
 */
export type ContentStore = {
  /** Loads manifests by digest; every digest must be known. */
  manifests(digests: readonly string[]): Promise<ReadonlyMap<string, Manifest>>;
  /** Stores manifests; answers with their digests in the same order. */
  store(objects: readonly Manifest[]): Promise<string[]>;
  /** Stores a render together with its objects, which `describe` gets as a render names them. */
  storeRender(
    objects: readonly Manifest[],
    describe: (objects: RenderedObject[]) => NewRender,
  ): Promise<RenderRow>;
  render(id: string): Promise<RenderRow | undefined>;
};

/** Manifests of small services take about 1 KB each as objects; large CRDs take up to 1 MB, and few are in use. */
const mostManifests = 50_000;
const mostRenders = 5_000;

/** A store over one database and keyring. */
export function createContentStore(db: Database, keyring: Keyring): ContentStore {
  const manifests = new Map<string, Manifest>();
  const renders = new Map<string, RenderRow>();
  /** What is in memory is stored: nothing that is stored is ever removed. */
  const sealUnknown = (texts: readonly ManifestText[]): Promise<SealedManifest[]> =>
    sealMissing(
      db,
      keyring,
      texts.filter(({ digest }) => !manifests.has(digest)),
    );
  const keepAll = (texts: readonly ManifestText[], objects: readonly Manifest[]): void => {
    for (const [position, { digest }] of texts.entries()) {
      const object = objects[position];
      if (object !== undefined) keep(manifests, digest, object, mostManifests);
    }
  };
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
      const texts = textsOf(keyring, objects);
      await insertManifests(db, await sealUnknown(texts));
      keepAll(texts, objects);
      return texts.map(({ digest }) => digest);
    },
    async storeRender(objects, describe) {
      const texts = textsOf(keyring, objects);
      const rendered = objects.map((manifest, position) => ({
        key: keyOf(manifest),
        apiVersion: manifest.apiVersion,
        digest: texts[position]?.digest ?? '',
      }));
      const row = await storeRender(db, describe(rendered), await sealUnknown(texts));
      keepAll(texts, objects);
      keep(renders, row.id, row, mostRenders);
      return row;
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
