import { KeelsonError } from '../core/errors.ts';
import { keyOf, type Manifest } from '../core/object/manifest.ts';
import type { WriteOptions } from './calls.ts';
import type { ClusterClient } from './client.ts';
import { takeOverManagers } from './field-takeover.ts';
import { keelsonManager, updateManager } from './write-objects.ts';

/**
 * Managers that wrote objects from Git or files before: ourselves by other means, the reference, kubectl. Manual edits
 * (`kubectl-edit`, `kubectl-patch`) and controllers are not among them: nobody described those fields in a manifest.
 */
export const formerManagers: readonly string[] = [
  updateManager,
  'argocd-controller',
  'kubectl',
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-replace',
];

export type ServerSideOptions = WriteOptions & {
  /** Whose fields are taken over. */
  readonly managers: readonly string[];
  /** Whether the object is known to have some of them: they go first, so that the object changes only once. */
  readonly takeOverFirst: boolean;
};

/** The applied object, and the managers whose fields are ours now. */
export type ServerSideApplied = { readonly object: Manifest; readonly tookOver: readonly string[] };

/**
 * Applies a manifest and takes over the fields of former managers. The reply of an apply shows all managers, so an
 * object of ours costs one request; former managers that show only then cost a second apply, which removes the fields
 * that only they had wanted.
 */
export async function applyServerSide(
  client: ClusterClient,
  manifest: Manifest,
  { managers, takeOverFirst, ...call }: ServerSideOptions,
): Promise<ServerSideApplied> {
  if (call.dryRun === true) return { object: await client.applyServerSide(manifest, call), tookOver: [] };
  const heir = { from: managers, to: call.fieldManager ?? keelsonManager, signal: call.signal };
  const before = takeOverFirst ? await takeOverLive(client, manifest, heir) : [];
  const applied = await client.applyServerSide(manifest, call);
  const after = await takeOver(client, applied, heir);
  if (after.length === 0) return { object: applied, tookOver: before };
  return {
    object: await client.applyServerSide(manifest, call),
    tookOver: [...new Set([...before, ...after])],
  };
}

/** How often an object may change under our hands before its change counts as a conflict. */
const maxTakeoverAttempts = 10;

/** Who gets whose fields. */
type Heir = {
  readonly from: readonly string[];
  readonly to: string;
  readonly signal: AbortSignal | undefined;
};

async function takeOverLive(
  client: ClusterClient,
  manifest: Manifest,
  heir: Heir,
): Promise<readonly string[]> {
  const live = await client.get(manifest.apiVersion, keyOf(manifest), { signal: heir.signal });
  return live === undefined ? [] : await takeOver(client, live, heir);
}

/** Moves the entries of former managers to their heir; the names of those that had any. */
async function takeOver(
  client: ClusterClient,
  seen: Manifest,
  { from, to, signal }: Heir,
): Promise<readonly string[]> {
  const key = keyOf(seen);
  let live: Manifest | undefined = seen;
  for (let attempt = 1; live !== undefined; attempt++) {
    const { managedFields = [], resourceVersion } = live.metadata;
    const taken = takeOverManagers(managedFields, from, to);
    if (taken === undefined) return [];
    const patch = [
      { op: 'replace', path: '/metadata/managedFields', value: taken.managedFields },
      // The API server refuses the patch unless this is still the current version.
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ];
    try {
      await client.patch(live.apiVersion, key, patch, 'json', { signal });
      return taken.from;
    } catch (error) {
      const moved = error instanceof KeelsonError && error.code === 'conflict';
      if (!moved || attempt === maxTakeoverAttempts) throw error;
      live = await client.get(live.apiVersion, key, { signal });
    }
  }
  return [];
}
