import { joinRevisions } from '../../core/application/source/revisions.ts';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { sourceIssues } from '../../core/project/rules/refusal.ts';
import type { RenderRow } from '../../db/queries/application/render.ts';
import { getCluster } from '../../db/queries/cluster/cluster.ts';
import { findEffectiveProject, type ProjectReader } from '../../db/queries/project/effective-project.ts';
import type { ClusterCapabilities } from '../../db/schema/cluster.ts';
import type { RenderDeps } from '../deps.ts';
import type { ResolvedSource } from '../source/resolve.ts';
import type { Sources } from '../source/sources.ts';
import type { KnownListing } from './known-listings.ts';
import { uploadedKeyOf } from './render-key.ts';
import type { Renderer } from './renderer.ts';
import { type RenderTarget, stampObjects } from './stamp.ts';

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
  /** Render even if the same has failed again and again. */
  readonly again?: boolean;
  /** Only to look at: not signed as the project demands is no reason to refuse. */
  readonly unsigned?: boolean;
  /** Goes before renders that nobody waits for. */
  readonly urgent?: boolean;
  /** A repository as it was listed lately: the render begins with it, and counts if another listing says the same. */
  readonly listing?: KnownListing | undefined;
  readonly signal: AbortSignal;
};

/** What making a desired state takes. */
type DesiredDeps = Pick<RenderDeps, 'db' | 'settings'> & {
  readonly sources: Pick<Sources, 'requireSigned' | 'resolve'>;
  readonly renderer: Renderer;
};

/** Resolves and renders an application's desired state; an equal render that is stored costs one look-up. */
export async function renderDesiredState(deps: DesiredDeps, input: DesiredInput): Promise<RenderRow> {
  await requirePermittedSources(deps, input.spec);
  const target = await targetOf(deps, input);
  if (input.listing === undefined) {
    return await renderResolved(deps, input, target, await deps.sources.resolve(input));
  }
  const ahead = await deps.sources.resolve(input, input.listing);
  const [rendered, sources] = await Promise.allSettled([
    renderResolved(deps, input, target, ahead),
    deps.sources.resolve(input),
  ]);
  if (sources.status === 'rejected') throw sources.reason;
  const revision = revisionOf(sources.value);
  // Somebody pushed meanwhile.
  if (revision !== revisionOf(ahead)) return await renderResolved(deps, input, target, sources.value);
  if (rendered.status === 'rejected') throw rendered.reason;
  return rendered.value;
}

/** What a project doesn't permit is not even read, with whatever credentials there are for it. */
async function requirePermittedSources(deps: ProjectReader, spec: ApplicationSpec): Promise<void> {
  const [issue] = sourceIssues(await findEffectiveProject(deps, spec.project), spec);
  if (issue !== undefined) throw new KeelsonError('precondition-failed', issue.message);
}

function revisionOf(sources: readonly ResolvedSource[]): string {
  return joinRevisions(sources.map(({ revision }) => revision));
}

async function renderResolved(
  { sources: { requireSigned }, renderer }: DesiredDeps,
  input: DesiredInput,
  target: RenderTarget,
  sources: readonly ResolvedSource[],
): Promise<RenderRow> {
  const { hard = false, again = false, urgent = false, signal } = input;
  if (input.unsigned !== true) await requireSigned(input.spec.project, sources);
  const render = await renderer.render({ target, sources, hard, again, urgent, signal });
  // One render may be that of many commits; here it stands for the one that was asked for.
  return { ...render, revision: revisionOf(sources) };
}

/** Stamps and stores uploaded manifests as if the sources had rendered them. */
export async function renderUploaded(
  deps: Pick<RenderDeps, 'content' | 'db' | 'homeNamespace' | 'keyring' | 'settings'>,
  input: Pick<DesiredInput, 'application' | 'spec' | 'clusterId'> & { readonly manifests: readonly string[] },
): Promise<RenderRow> {
  const [known, target] = await Promise.all([deps.content.manifests(input.manifests), targetOf(deps, input)]);
  const uploaded = input.manifests.map((digest) => known.get(digest) as Manifest);
  return await deps.content.storeRender(stampObjects(deps, target, uploaded), (objects) => ({
    renderKey: uploadedKeyOf(
      deps,
      objects.map(({ digest }) => digest),
    ),
    revision: uploadedRevision,
    sourceTypes: ['Directory'],
    objects,
    warnings: [],
  }));
}

/** Whoever changed the settings before asking for a render gets them, and one render knows one set of them. */
async function targetOf(
  deps: Pick<RenderDeps, 'db' | 'settings'>,
  { application, spec, clusterId }: Pick<DesiredInput, 'application' | 'spec' | 'clusterId'>,
): Promise<RenderTarget> {
  await deps.settings.reload();
  const { tracking, tools } = deps.settings.current();
  return { application, spec, tracking, tools, capabilities: await capabilitiesOf(deps, clusterId) };
}

async function capabilitiesOf(deps: Pick<RenderDeps, 'db'>, clusterId: string): Promise<ClusterCapabilities> {
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
