import { joinRevisions } from '../core/application/revisions.ts';
import { hasMultipleSources, instanceName } from '../core/application/source.ts';
import type { ApplicationSpec } from '../core/application/spec.ts';
import { KeelsonError } from '../core/errors.ts';
import { keyOf, type Manifest } from '../core/object/manifest.ts';
import { getCluster } from '../db/queries/cluster.ts';
import { findRender, type RenderRow, storeRender } from '../db/queries/render.ts';
import type { ClusterCapabilities } from '../db/schema/cluster.ts';
import type { RenderedObject } from '../db/schema/manifest.ts';
import type { Deps } from './deps.ts';
import { type Placement, placeObjects } from './place.ts';
import { renderKeyOf, uploadedKeyOf } from './render-key.ts';
import { readerOf } from './source/readers.ts';
import { remoteInputs } from './source/remote-inputs.ts';
import { type RenderedSources, renderSources } from './source/render.ts';
import { type ResolvedSource, resolveSources } from './source/resolve.ts';

/** Stands where a revision would: what was uploaded is in no repository. */
const uploadedRevision = 'local';

export type DesiredInput = {
  readonly application: { readonly name: string; readonly namespace: string };
  readonly spec: ApplicationSpec;
  readonly clusterId: string;
  /** Overrides the sources' target revisions by position; an empty text leaves a source its own. */
  readonly revisions?: readonly string[];
  /** Render even if the same render is stored. */
  readonly hard?: boolean;
  readonly signal: AbortSignal;
};

/** Resolves and renders an application's desired state; an equal render that is stored costs one look-up. */
export async function renderDesiredState(deps: Deps, input: DesiredInput): Promise<RenderRow> {
  const placement = await placementOf(deps, input);
  const sources = await resolveSources(deps, input);
  const renderKey = renderKeyOf(deps, placement, sources);
  const known = input.hard === true ? undefined : await findRender(deps.db, renderKey);
  if (known !== undefined) return known;

  const rendered = await renderAll(deps, input, placement, sources);
  return await storeRender(deps.db, {
    renderKey,
    revision: joinRevisions(sources.map(({ revision }) => revision)),
    sourceTypes: [...rendered.sourceTypes],
    objects: await storeObjects(deps, placeObjects(deps, placement, rendered.manifests)),
    warnings: [...rendered.warnings],
  });
}

/** Places uploaded manifests as if the sources had rendered them. */
export async function renderUploaded(
  deps: Deps,
  input: Omit<DesiredInput, 'revisions' | 'hard' | 'signal'> & { readonly manifests: readonly string[] },
): Promise<RenderRow> {
  const [known, placement] = await Promise.all([
    deps.content.manifests(input.manifests),
    placementOf(deps, input),
  ]);
  const uploaded = input.manifests.map((digest) => known.get(digest) as Manifest);
  const objects = await storeObjects(deps, placeObjects(deps, placement, uploaded));
  return storeRender(deps.db, {
    renderKey: uploadedKeyOf(
      deps,
      objects.map(({ digest }) => digest),
    ),
    revision: uploadedRevision,
    sourceTypes: ['Directory'],
    objects,
    warnings: [],
  });
}

function renderAll(
  deps: Deps,
  input: DesiredInput,
  { application, spec, capabilities, tools }: Placement,
  sources: readonly ResolvedSource[],
): Promise<RenderedSources> {
  return renderSources({
    sources,
    several: hasMultipleSources(spec),
    open: (source) => readerOf(deps, source.source).open(source),
    slot: (run) => deps.renderSlots.run(run, input.signal),
    requestFor: ({ revision }) => ({
      application: {
        instanceName: instanceName({ metadata: application }, deps.homeNamespace),
        name: application.name,
        namespace: spec.destination.namespace ?? '',
        project: spec.project,
        revision,
      },
      tools: deps.tools,
      sandbox: deps.sandbox,
      settings: tools,
      remote: remoteInputs(deps, spec.project),
      kubeVersion: capabilities.kubeVersion,
      apiVersions: capabilities.apiVersions,
      signal: input.signal,
    }),
  });
}

async function storeObjects(deps: Deps, manifests: readonly Manifest[]): Promise<RenderedObject[]> {
  const digests = await deps.content.store(manifests);
  return manifests.map((manifest, position) => ({
    key: keyOf(manifest),
    apiVersion: manifest.apiVersion,
    digest: digests[position] ?? '',
  }));
}

/** Whoever changed the settings before asking for a render gets them, and one render knows one set of them. */
async function placementOf(
  deps: Deps,
  { application, spec, clusterId }: Pick<DesiredInput, 'application' | 'spec' | 'clusterId'>,
): Promise<Placement> {
  await deps.settings.reload();
  const { tracking, tools } = deps.settings.current();
  return { application, spec, tracking, tools, capabilities: await capabilitiesOf(deps, clusterId) };
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
