import { ownersOf } from '../../core/diff/fields/field-set.ts';
import { KeelsonError } from '../../core/errors.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { changeManagers } from '../apply/change-managers.ts';
import { moveVersions } from '../apply/field-takeover.ts';
import type { ApplyOptions } from '../request/calls.ts';
import type { ClusterClient } from '../request/client.ts';

/**
 * Applies a manifest. An object with an owner whose entry is of a version that the cluster doesn't serve any more can't
 * be applied by anybody (the API server answers 500); such entries are moved to the manifest's version first.
 */
export async function applyServed(
  client: ClusterClient,
  manifest: Manifest,
  call: ApplyOptions,
): Promise<Manifest> {
  try {
    return await client.applyServerSide(manifest, call);
  } catch (error) {
    if (!isServerFault(error) || call.dryRun === true) throw error;
    const live = await client.get(manifest.apiVersion, keyOf(manifest), { signal: call.signal });
    if (live === undefined || !(await hasUnservedOwners(client, live))) throw error;
    const move = await moverFor(client, live);
    await changeManagers(client, live, call.signal, (entries) => ({
      managedFields: move(entries),
      from: [],
    }));
    return await client.applyServerSide(manifest, call);
  }
}

/**
 * Moves entries of versions that aren't served to the one of a live object: an API server that is given such an entry
 * drops all of them. Costs no request where every entry is of the object's own version.
 */
export async function moverFor(
  client: Pick<ClusterClient, 'discover'>,
  live: Manifest,
): Promise<(managedFields: readonly unknown[]) => readonly unknown[]> {
  if (ownersOf(live).every(({ apiVersion }) => apiVersion === live.apiVersion)) return (entries) => entries;
  const isServed = await servedVersions(client, live);
  return (entries) => moveVersions(entries, isServed, live.apiVersion) ?? entries;
}

/** Whether the API server failed at a request instead of refusing it. */
export function isServerFault(error: unknown): error is KeelsonError {
  return error instanceof KeelsonError && error.details['status'] === 500;
}

/** Whether fields of a live object are owned in a version of its kind that the cluster doesn't serve any more. */
export async function hasUnservedOwners(
  client: Pick<ClusterClient, 'discover'>,
  live: Manifest,
): Promise<boolean> {
  const isServed = await servedVersions(client, live);
  return ownersOf(live).some(({ apiVersion }) => !isServed(apiVersion));
}

async function servedVersions(
  client: Pick<ClusterClient, 'discover'>,
  { apiVersion, kind }: Manifest,
): Promise<(version: string) => boolean> {
  const { resources, failures } = await client.discover({ refresh: true });
  const served = new Set([
    apiVersion,
    ...resources.filter((resource) => resource.kind === kind).map((resource) => resource.apiVersion),
    // A version that doesn't answer just now may come back.
    ...failures.map(({ groupVersion }) => groupVersion),
  ]);
  return (version) => served.has(version);
}
