import { KeelsonError } from '../../core/errors.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import type { ClusterClient } from '../request/client.ts';

/** How often an object may change under our hands before its change counts as a conflict. */
const maxAttempts = 10;

/** The owners that an object gets, and who had the fields before. */
export type OwnersChange = { readonly managedFields: readonly unknown[]; readonly from: readonly string[] };

/**
 * Changes the owners of a live object's fields and nothing else. The object is read again when it changed meanwhile;
 * undefined where nothing is to be changed.
 */
export async function changeManagers(
  client: Pick<ClusterClient, 'get' | 'patch'>,
  seen: Manifest,
  signal: AbortSignal | undefined,
  change: (managedFields: readonly unknown[]) => OwnersChange | undefined,
  attempts = maxAttempts,
): Promise<{ readonly object: Manifest; readonly from: readonly string[] } | undefined> {
  const key = keyOf(seen);
  let live: Manifest | undefined = seen;
  for (let attempt = 1; live !== undefined; attempt++) {
    const { managedFields = [], resourceVersion } = live.metadata;
    const next = change(managedFields);
    if (next === undefined) return undefined;
    const patch = [
      { op: 'replace', path: '/metadata/managedFields', value: next.managedFields },
      // The API server refuses the patch unless this is still the current version.
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ];
    try {
      return { object: await client.patch(live.apiVersion, key, patch, 'json', { signal }), from: next.from };
    } catch (error) {
      const moved = error instanceof KeelsonError && error.code === 'conflict';
      if (!moved || attempt >= attempts) throw error;
      live = await client.get(live.apiVersion, key, { signal });
    }
  }
  return undefined;
}
