import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import { type SQL, sql } from 'drizzle-orm';
import { KeelsonError } from '../../../core/errors.ts';
import { canonicalJson } from '../../../core/object/json/canonical.ts';
import { parseJson } from '../../../core/object/json/json.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import { associatedDataOf } from '../../associated-data.ts';
import { builtOnce } from '../../built-once.ts';
import type { Database } from '../../client.ts';
import { manifests } from '../../schema/manifest.ts';
import { before } from '../../times.ts';

/**
 * Texts and sealed texts of up to so many bytes are compressed and expanded at once: 15 microseconds for a manifest of
 * usual size, where the way through a thread takes 100. Larger ones would hold up the process.
 */
const smallBytes = 32 * 1024;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);
const compress = async (text: Buffer): Promise<Buffer> =>
  text.length <= smallBytes ? deflateRawSync(text) : deflate(text);
const expand = async (compressed: Buffer): Promise<Buffer> =>
  compressed.length <= smallBytes ? inflateRawSync(compressed) : inflate(compressed);

/** A manifest as it is stored. */
export type SealedManifest = Pick<typeof manifests.$inferSelect, 'digest' | 'sealed'>;

/** A manifest as text, with the keyed digest that it is found by. */
export type ManifestText = { readonly digest: string; readonly text: string };

/** Writes manifests as they are digested, in order. */
export function textsOf(keyring: Keyring, objects: readonly Manifest[]): ManifestText[] {
  return objects.map((object) => {
    const text = canonicalJson(object);
    return { digest: keyring.digest(text), text };
  });
}

/** So many are sealed and sent without asking which of them are stored. */
const mostUnasked = 100;

/** What is stored already counts as used now, unless it was within so many seconds. */
export const preciseToSeconds = 60;

/**
 * Seals manifests that may not be stored yet; of many, those alone that aren't. They come in one order, so that two who
 * store some of the same never wait for each other.
 */
export async function sealMissing(
  db: Database,
  keyring: Keyring,
  texts: readonly ManifestText[],
  staleSeconds: number = preciseToSeconds,
): Promise<SealedManifest[]> {
  const byDigest = new Map(texts.map(({ digest, text }) => [digest, text]));
  if (byDigest.size > mostUnasked) {
    const known = await db
      .select({ digest: manifests.digest, stale: sql<boolean>`${usedBefore(staleSeconds)}` })
      .from(manifests)
      .where(sql`${manifests.digest} = any(${sql.param([...byDigest.keys()])}::text[])`);
    // Those that are about to be forgotten are stored anew: they may go before they are named.
    for (const row of known) if (!row.stale) byDigest.delete(row.digest);
  }
  return await Promise.all(
    [...byDigest]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(async ([digest, text]) => ({
        digest,
        sealed: keyring.seal(
          'manifest',
          associatedDataOf.manifests({ digest }),
          await compress(Buffer.from(text, 'utf8')),
        ),
      })),
  );
}

/** Stores manifests by keyed digest, answering with the digests in the same order. Known ones cost no write. */
export async function storeManifests(
  db: Database,
  keyring: Keyring,
  objects: readonly Manifest[],
): Promise<string[]> {
  const texts = textsOf(keyring, objects);
  await insertManifests(db, await sealMissing(db, keyring, texts));
  return texts.map(({ digest }) => digest);
}

/** Stores sealed manifests; those that are there count as used now. */
export async function insertManifests(
  db: Database,
  sealed: readonly SealedManifest[],
  staleSeconds: number = preciseToSeconds,
): Promise<void> {
  if (sealed.length > 0)
    await db
      .insert(manifests)
      .values([...sealed])
      .onConflictDoUpdate({
        target: manifests.digest,
        set: { usedAt: sql`now()` },
        setWhere: usedBefore(staleSeconds),
      });
}

function usedBefore(seconds: number): SQL {
  return sql`${manifests.usedAt} < ${before(seconds)}`;
}

const sealedManifests = builtOnce((db) =>
  db
    .select({ digest: manifests.digest, sealed: manifests.sealed })
    .from(manifests)
    .where(sql`${manifests.digest} = any(${sql.placeholder('digests')}::text[])`)
    .prepare('manifests_by_digests'),
);

/** Loads manifests by digest; every digest must be known. `each` is told how long the text of one is. */
export async function loadManifests(
  db: Database,
  keyring: Keyring,
  digests: readonly string[],
  each?: (digest: string, manifest: Manifest, characters: number) => void,
): Promise<Map<string, Manifest>> {
  if (digests.length === 0) return new Map();
  const rows = await sealedManifests(db).execute({ digests: [...new Set(digests)] });
  const found = new Map<string, Manifest>();
  for (const row of rows) {
    const opened = await expand(keyring.open('manifest', associatedDataOf.manifests(row), row.sealed));
    const text = opened.toString('utf8');
    const manifest = parseJson(text) as Manifest;
    found.set(row.digest, manifest);
    each?.(row.digest, manifest, text.length);
  }
  const missing = digests.find((digest) => !found.has(digest));
  if (missing !== undefined) {
    throw new KeelsonError(
      'internal',
      `manifest ${missing.slice(0, 12)} is not stored; refresh the application hard, so that it is rendered anew`,
    );
  }
  return found;
}
