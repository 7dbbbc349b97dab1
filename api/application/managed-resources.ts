import type { ClusterAccess } from '../../control/context.ts';
import { nameOf } from '../../control/context.ts';
import { instanceName } from '../../core/application/source/source.ts';
import { mapBounded } from '../../core/bounded.ts';
import { type CompareContext, compareContext } from '../../core/diff/context.ts';
import { maskStates } from '../../core/diff/secrets/mask.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatJson } from '../../core/object/json/json.ts';
import { keyId, type ResourceKey } from '../../core/object/key.ts';
import { type Manifest, versionOf } from '../../core/object/manifest/manifest.ts';
import { isHook } from '../../core/sync/options/hook.ts';
import type { ResourceDiff } from '../../core/wire/diff.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { loadManifests } from '../../db/queries/application/manifest.ts';
import { getRender, type RenderRow } from '../../db/queries/application/render.ts';
import type { ApiDeps } from '../context.ts';
import { matchesFilter, type TreeFilter } from './resource-tree.ts';

/** Requests to one cluster at once for one reply. */
const maxParallelReads = 10;

type Managed = { readonly key: ResourceKey; readonly apiVersion: string; readonly digest?: string };

/**
 * Desired and live state of an application's objects, hooks left out, Secrets masked. Another render than the one that
 * is desired shows what it would change; live objects that it lacks have no desired state then.
 */
export async function readManagedResources(
  deps: ApiDeps,
  row: ApplicationRow,
  filter: TreeFilter,
  render?: Pick<RenderRow, 'objects'>,
): Promise<ResourceDiff[]> {
  const managed = (await listManaged(deps, row, render)).filter(({ key, apiVersion }) =>
    matchesFilter({ ...key, version: versionOf(apiVersion) }, filter),
  );
  if (managed.length === 0) return [];
  if (row.clusterId === null) {
    throw new KeelsonError(
      'precondition-failed',
      `application "${nameOf(deps, row)}" has a destination that is no known cluster; add the cluster or change spec.destination`,
    );
  }
  const digests = managed.flatMap(({ digest }) => (digest === undefined ? [] : [digest]));
  const [cluster, manifests] = await Promise.all([
    deps.clusterFor(row.clusterId),
    loadManifests(deps.db, deps.keyring, digests),
  ]);
  const settings = deps.settings.current();
  const instance = instanceName({ metadata: row }, deps.config.controlPlaneNamespace);
  const context = compareContext(settings, row, instance);
  const fault = await deps.comparing.faultOf(context);
  if (fault !== undefined) throw new KeelsonError('precondition-failed', fault);
  const diffs = await mapBounded(managed, maxParallelReads, (object) =>
    diffOf({ deps, cluster, context, maskedAnnotations: settings.maskedAnnotations }, object, manifests),
  );
  return diffs.filter((diff) => diff !== undefined);
}

/** What the render asks for, and what is live without being asked for and waits to be pruned. */
async function listManaged(
  deps: ApiDeps,
  row: ApplicationRow,
  other: Pick<RenderRow, 'objects'> | undefined,
): Promise<Managed[]> {
  const own = (): Promise<RenderRow | undefined> | undefined =>
    row.desiredRenderId === null ? undefined : getRender(deps.db, row.desiredRenderId);
  const desired: Managed[] = [...((other ?? (await own()))?.objects ?? [])];
  const known = new Set(desired.map(({ key }) => keyId(key)));
  for (const resource of row.resources) {
    const { group = '', version = 'v1', kind = '', namespace = '', name = '', hook } = resource;
    const key = { group, kind, namespace, name };
    const isLeft = resource.requiresPruning || other !== undefined;
    if (hook || !isLeft || known.has(keyId(key))) continue;
    desired.push({ key, apiVersion: group === '' ? version : `${group}/${version}` });
  }
  return desired;
}

type Setting = {
  readonly deps: ApiDeps;
  readonly cluster: ClusterAccess;
  readonly context: CompareContext;
  readonly maskedAnnotations: readonly string[];
};

async function diffOf(
  setting: Setting,
  object: Managed,
  manifests: ReadonlyMap<string, Manifest>,
): Promise<ResourceDiff | undefined> {
  const target = object.digest === undefined ? undefined : manifests.get(object.digest);
  if (target !== undefined && isHook(target)) return undefined;
  const live = await setting.cluster.get(object.apiVersion, object.key);
  if (live === undefined && target === undefined) return undefined;
  const compared = await compareStates(setting, target, live);
  const masked = maskStates({ target, live, ...compared }, setting.maskedAnnotations);
  return {
    ...object.key,
    targetState: stateText(masked.target),
    liveState: stateText(masked.live),
    normalizedLiveState: stateText(withoutManagedFields(masked.normalized)),
    predictedLiveState: stateText(withoutManagedFields(masked.predicted)),
    resourceVersion: live?.metadata.resourceVersion ?? '',
    modified: compared.changed,
    hook: false,
  };
}

type ComparedStates = {
  readonly normalized: Manifest | undefined;
  readonly predicted: Manifest | undefined;
  readonly changed: boolean;
};

/** Both sides as the comparison saw them; an object on one side only is not compared. */
async function compareStates(
  { deps, cluster, context }: Setting,
  target: Manifest | undefined,
  live: Manifest | undefined,
): Promise<ComparedStates> {
  if (target === undefined || live === undefined) {
    return { normalized: live, predicted: target, changed: target !== undefined };
  }
  const {
    changed,
    live: normalized,
    predicted,
  } = await deps.comparing.compare(cluster, target, live, context);
  return { normalized, predicted, changed };
}

function withoutManagedFields(manifest: Manifest | undefined): Manifest | undefined {
  if (manifest === undefined) return undefined;
  // A dry run counts a generation up that nobody will see.
  const { managedFields: _, generation: _generation, ...metadata } = manifest.metadata;
  return { ...manifest, metadata };
}

function stateText(manifest: Manifest | undefined): string {
  return formatJson(manifest ?? null);
}
