import { instanceName, sourcesOf } from '../core/application/source.ts';
import type { ApplicationSource } from '../core/application/source-spec.ts';
import type { ApplicationSpec } from '../core/application/spec.ts';
import { KeelsonError } from '../core/errors.ts';
import { canonicalJson } from '../core/object/canonical.ts';
import { definedKinds, kindId } from '../core/object/definition.ts';
import { groupOf, keyOf, type Manifest } from '../core/object/manifest.ts';
import { encodeSecret } from '../core/object/secret.ts';
import type { Tracking } from '../core/sync/tracking.ts';
import { stampTracking } from '../core/sync/tracking-stamp.ts';
import { getCluster } from '../db/queries/cluster.ts';
import { findRender, type RenderRow, storeRender } from '../db/queries/render.ts';
import { repositoryAccess } from '../db/queries/repository-access.ts';
import type { ClusterCapabilities } from '../db/schema/cluster.ts';
import type { Deps } from './deps.ts';
import { renderSource } from './render/render.ts';

/** Stands where a revision would: what was uploaded is in no repository. */
const uploadedRevision = 'local';

/** Raised when a change of this file makes renders of the past wrong. */
const renderVersion = 2;

export type DesiredInput = {
  readonly application: { readonly name: string; readonly namespace: string };
  readonly spec: ApplicationSpec;
  readonly clusterId: string;
  /** Overrides the source's targetRevision. */
  readonly revision?: string;
  /** Render even if the same render is stored. */
  readonly hard?: boolean;
  readonly signal: AbortSignal;
};

/** The one source of a spec. */
export function onlySource(spec: ApplicationSpec): ApplicationSource {
  const [source, ...more] = sourcesOf(spec);
  if (source === undefined) {
    throw new KeelsonError('invalid-argument', 'spec.source: is missing; name a repoURL and a path');
  }
  if (more.length > 0) {
    throw new KeelsonError('invalid-argument', 'spec.sources: more than one source is not supported yet');
  }
  return source;
}

/** Resolves and renders an application's desired state; an equal render that is stored costs one look-up. */
export async function renderDesiredState(deps: Deps, input: DesiredInput): Promise<RenderRow> {
  const source = onlySource(input.spec);
  const tracking = await newestTracking(deps);
  const [access, capabilities] = await Promise.all([
    repositoryAccess(deps.db, deps.keyring, source.repoURL, input.spec.project),
    capabilitiesOf(deps, input.clusterId),
  ]);
  const git = { access, signal: input.signal };
  const { sha } = await deps.git.resolveRevision({
    ...git,
    revision: input.revision ?? source.targetRevision,
  });
  const renderKey = renderKeyOf(deps, input, source, sha, capabilities, tracking);
  const known = input.hard === true ? undefined : await findRender(deps.db, renderKey);
  if (known !== undefined) return known;

  const checkout = await deps.git.checkout({ ...git, sha });
  try {
    const destinationNamespace = input.spec.destination.namespace ?? '';
    const renders = () =>
      renderSource({
        root: checkout.path,
        source,
        application: {
          instanceName: instanceName({ metadata: input.application }, deps.homeNamespace),
          name: input.application.name,
          namespace: destinationNamespace,
          project: input.spec.project,
          revision: sha,
        },
        tools: deps.tools,
        kubeVersion: capabilities.kubeVersion,
        apiVersions: capabilities.apiVersions,
        signal: input.signal,
      });
    const rendered = await deps.renderSlots.run(renders, input.signal);
    const objects = placeObjects(deps, input, rendered.manifests, capabilities, tracking);
    const digests = await deps.content.store(objects);
    return await storeRender(deps.db, {
      renderKey,
      revision: sha,
      sourceType: rendered.sourceType,
      objects: objects.map((manifest, position) => ({
        key: keyOf(manifest),
        apiVersion: manifest.apiVersion,
        digest: digests[position] ?? '',
      })),
      warnings: [...rendered.warnings],
    });
  } finally {
    await checkout.release();
  }
}

/** Places uploaded manifests as if the source had rendered them. */
export async function renderUploaded(
  deps: Deps,
  input: Omit<DesiredInput, 'revision' | 'hard' | 'signal'> & { readonly manifests: readonly string[] },
): Promise<RenderRow> {
  const [known, capabilities] = await Promise.all([
    deps.content.manifests(input.manifests),
    capabilitiesOf(deps, input.clusterId),
  ]);
  const uploaded = input.manifests.map((digest) => known.get(digest) as Manifest);
  const objects = placeObjects(deps, input, uploaded, capabilities, await newestTracking(deps));
  const digests = await deps.content.store(objects);
  return storeRender(deps.db, {
    renderKey: deps.keyring.digest(canonicalJson({ renderVersion, uploaded: digests })),
    revision: uploadedRevision,
    sourceType: 'Directory',
    objects: objects.map((manifest, position) => ({
      key: keyOf(manifest),
      apiVersion: manifest.apiVersion,
      digest: digests[position] ?? '',
    })),
    warnings: [],
  });
}

function renderKeyOf(
  deps: Deps,
  input: DesiredInput,
  source: ApplicationSource,
  sha: string,
  capabilities: ClusterCapabilities,
  tracking: Tracking,
): string {
  const { targetRevision: _, ...what } = source;
  return deps.keyring.digest(
    canonicalJson({
      renderVersion,
      sha,
      source: what,
      instance: instanceName({ metadata: input.application }, deps.homeNamespace),
      project: input.spec.project,
      tracking,
      namespace: input.spec.destination.namespace ?? '',
      capabilities,
      tools: deps.tools,
    }),
  );
}

/** Whoever changed the settings before asking for a render gets them, and one render knows one set of them. */
async function newestTracking(deps: Deps): Promise<Tracking> {
  await deps.settings.reload();
  return deps.settings.current().tracking;
}

async function capabilitiesOf(deps: Deps, clusterId: string): Promise<ClusterCapabilities> {
  const cluster = await getCluster(deps.db, clusterId);
  if (cluster === undefined) {
    throw new KeelsonError(
      'not-found',
      `cluster ${clusterId} is not registered any more; choose another destination or add it again`,
    );
  }
  if (cluster.capabilities !== null) return cluster.capabilities;
  if (cluster.connectionStatus === 'Failed') {
    throw new KeelsonError('cluster-unreachable', cluster.connectionMessage, { retryable: true });
  }
  throw new KeelsonError('unavailable', `cluster ${cluster.name} is being connected; try again in a moment`, {
    retryable: true,
  });
}

/** Gives namespaced objects their namespace, takes it from the others, and writes the owner on each. */
function placeObjects(
  deps: Deps,
  input: Pick<DesiredInput, 'application' | 'spec'>,
  manifests: readonly Manifest[],
  capabilities: ClusterCapabilities,
  tracking: Tracking,
): Manifest[] {
  const destinationNamespace = input.spec.destination.namespace ?? '';
  const instance = instanceName({ metadata: input.application }, deps.homeNamespace);
  checkLabel(instance, tracking);
  const defined = definedKinds(manifests);
  return manifests.map((manifest) => {
    const kind = kindId({ group: groupOf(manifest.apiVersion), kind: manifest.kind });
    const namespaced = capabilities.namespaced[kind] ?? defined.get(kind)?.namespaced ?? true;
    const { namespace, ...metadata } = manifest.metadata;
    const placed: Manifest = {
      ...encodeSecret(manifest),
      metadata: namespaced ? { ...metadata, namespace: namespace || destinationNamespace } : metadata,
    };
    return stampTracking(placed, { instance, destinationNamespace, tracking });
  });
}

/** What a label can hold. */
const longestLabel = 63;

/** A label that is the only mark is never cut, so a name that doesn't fit can't be tracked by it. */
function checkLabel(instance: string, tracking: Tracking): void {
  if (tracking.method !== 'label' || instance.length <= longestLabel) return;
  throw new KeelsonError(
    'invalid-argument',
    `application name "${instance}" has ${instance.length} characters and a tracking label holds ${longestLabel}; shorten it, or set application.resourceTrackingMethod to annotation`,
  );
}
