import { keyOf, type Manifest } from '../core/object/manifest.ts';
import type { RenderedObject } from '../db/schema/manifest.ts';
import type { Deps } from './deps.ts';

/** Stores manifests; answers with where each goes and the digest that it is found by. */
export async function storeObjects(
  deps: Pick<Deps, 'content'>,
  manifests: readonly Manifest[],
): Promise<RenderedObject[]> {
  const digests = await deps.content.store(manifests);
  return manifests.map((manifest, position) => ({
    key: keyOf(manifest),
    apiVersion: manifest.apiVersion,
    digest: digests[position] ?? '',
  }));
}
