import { createByteCache } from '../core/byte-cache.ts';
import { keyOf, type Manifest } from '../core/object/manifest/manifest.ts';
import type { Keyring } from '../platform/encryption.ts';
import { whileUsed } from '../platform/while-used.ts';
import type { Database } from './client.ts';
import {
  insertManifests,
  loadManifests,
  type ManifestText,
  preciseToSeconds,
  type SealedManifest,
  sealMissing,
  textsOf,
} from './queries/application/manifest.ts';
import {
  getRender,
  markUsed,
  type NewRender,
  type RenderRow,
  storeRender,
} from './queries/application/render.ts';
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
  /** Says that a stored render is about to be named once more; false where it has been forgotten since it was read. */
  use(render: Pick<RenderRow, 'id' | 'usedAt'>): Promise<boolean>;
};

const megabyte = 1024 * 1024;
/** Some 100,000 manifests of small services, or 60 of the largest definitions. */
const manifestBytes = 192 * megabyte;
const renderBytes = 64 * megabyte;
/** An object of JSON takes twice the length of its text (measured: 976 bytes for 489), strings of two bytes more. */
const bytesPerCharacter = 3;
/** One object of a render, with its key. */
const renderedBytes = 300;

type Kept = {
  readonly manifest: Manifest;
  readonly characters: number;
  /** Milliseconds of the process's clock; what was only read may be about to be forgotten. */
  readonly storedAt: number;
};

/**
 * A store over one database and keyring. `graceSeconds` is how long the database keeps what nothing names: what was
 * stored within a quarter of it is known to be there.
 */
export function createContentStore(
  db: Database,
  keyring: Keyring,
  graceSeconds: () => number = () => 4 * preciseToSeconds,
): ContentStore {
  const manifests = createByteCache<Kept>(manifestBytes, whileUsed);
  const renders = createByteCache<RenderRow>(renderBytes, whileUsed);
  const staleSeconds = (): number => graceSeconds() / 4;

  const keep = (digest: string, kept: Kept): void =>
    manifests.set(digest, kept, kept.characters * bytesPerCharacter);
  const keepRender = (row: RenderRow): void =>
    renders.set(row.id, row, row.objects.length * renderedBytes + 1000);
  const isStored = (digest: string): boolean => {
    const kept = manifests.get(digest);
    return kept !== undefined && kept.storedAt > performance.now() - staleSeconds() * 1000;
  };
  const sealUnknown = (texts: readonly ManifestText[]): Promise<SealedManifest[]> =>
    sealMissing(
      db,
      keyring,
      texts.filter(({ digest }) => !isStored(digest)),
      staleSeconds(),
    );
  const keepAll = (texts: readonly ManifestText[], objects: readonly Manifest[], before: number): void => {
    for (const [position, { digest, text }] of texts.entries()) {
      const manifest = objects[position];
      if (manifest === undefined || isStored(digest)) continue;
      keep(digest, { manifest, characters: text.length, storedAt: before });
    }
  };
  return {
    async manifests(digests) {
      const found = new Map<string, Manifest>();
      for (const digest of digests) {
        const kept = manifests.get(digest);
        if (kept !== undefined) found.set(digest, kept.manifest);
      }
      const missing = digests.filter((digest) => !found.has(digest));
      await loadManifests(db, keyring, missing, (digest, manifest, characters) => {
        found.set(digest, manifest);
        keep(digest, { manifest, characters, storedAt: Number.NEGATIVE_INFINITY });
      });
      return found;
    },
    async store(objects) {
      const before = performance.now();
      const texts = textsOf(keyring, objects);
      await insertManifests(db, await sealUnknown(texts), staleSeconds());
      keepAll(texts, objects, before);
      return texts.map(({ digest }) => digest);
    },
    async storeRender(objects, describe) {
      const before = performance.now();
      const texts = textsOf(keyring, objects);
      const rendered = objects.map((manifest, position) => ({
        key: keyOf(manifest),
        apiVersion: manifest.apiVersion,
        digest: texts[position]?.digest ?? '',
      }));
      const row = await storeRender(db, describe(rendered), await sealUnknown(texts), staleSeconds());
      keepAll(texts, objects, before);
      keepRender(row);
      return row;
    },
    async render(id) {
      const row = renders.get(id) ?? (await getRender(db, id));
      if (row !== undefined) keepRender(row);
      return row;
    },
    async use({ id, usedAt }) {
      return usedAt.getTime() > Date.now() - staleSeconds() * 1000 || (await markUsed(db, id));
    },
  };
}
