import { joinRevisions } from '../../core/application/source/revisions.ts';
import { hasMultipleSources, instanceName } from '../../core/application/source/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import { sourceTypesOf } from '../../db/queries/application/desired.ts';
import { knownRender, type RenderRow } from '../../db/queries/application/render.ts';
import { recordRenderFailure } from '../../db/queries/application/render-failure.ts';
import type { RenderDeps } from '../deps.ts';
import type { FoundInputs } from '../inputs/find-inputs.ts';
import type { SourceInputs } from '../inputs/source-inputs.ts';
import { unresponsiveRemedy } from '../plugin/choose.ts';
import type { RenderRequest, RenderResult } from '../render/request.ts';
import { type RenderedSources, renderSources } from '../source/render.ts';
import type { ResolvedSource } from '../source/resolve.ts';
import type { Sources } from '../source/sources.ts';
import { isRestricted, type Opener, restrictedOpener } from './open-sources.ts';
import { renderLastsSeconds, renderLimitsOf } from './pace.ts';
import { type RenderKey, type RenderKeys, renderKeysOf, unresponsiveOf } from './render-key.ts';
import { shareWork } from './share-work.ts';
import { isScopedAlike, type RenderTarget, scopesOf, stampObjects } from './stamp.ts';

/** A render that is wanted: of these sources, at these revisions, for this application. */
export type WantedRender = {
  readonly target: RenderTarget;
  readonly sources: readonly ResolvedSource[];
  /** Renders even if the same render is stored. */
  readonly hard: boolean;
  /** Tries again what has failed again and again. */
  readonly again: boolean;
  /** Goes before renders that nobody waits for. */
  readonly urgent?: boolean;
  readonly signal: AbortSignal;
};

/** Renders applications, or finds the render of the same inputs. */
export type Renderer = {
  /** The stored render of the same inputs, or a new one; renders of one key that are wanted at once run once. */
  render(wanted: WantedRender): Promise<RenderRow>;
};

/** What a renderer stands on. */
export type RendererDeps = Pick<
  RenderDeps,
  | 'content'
  | 'db'
  | 'homeNamespace'
  | 'keyring'
  | 'plugins'
  | 'reconcileSeconds'
  | 'renderSlots'
  | 'sandbox'
  | 'hardReconcileSeconds'
  | 'toolSeconds'
  | 'tools'
> & {
  readonly settings: Pick<RenderDeps['settings'], 'current'>;
  readonly inputs: SourceInputs;
  readonly sources: Pick<Sources, 'open' | 'remote'>;
  /** Renders one source. */
  readonly renderSource: (request: RenderRequest) => Promise<RenderResult>;
};

/** A wanted render with what it reads, and its keys. */
type Analysed = WantedRender & { readonly found: readonly FoundInputs[]; readonly keys: RenderKeys };

/** Makes a renderer, which remembers the renders that it is making. */
export function createRenderer(deps: RendererDeps): Renderer {
  const share = shareWork<RenderRow>(isFailure);
  return {
    async render(wanted) {
      const found = await deps.inputs.find(wanted.target, wanted.sources);
      const keys = renderKeysOf(deps, { ...wanted, found });
      const stored = wanted.hard ? undefined : await storedRender(deps, wanted, keys);
      if (stored !== undefined) return stored;
      return await share(keys.ofInputs.key, wanted.signal, () => renderNow(deps, { ...wanted, found, keys }));
    },
  };
}

/** The stored render under either key; a failure that has come again and again stands for another try. */
async function storedRender(
  { db, content }: Pick<RenderDeps, 'content' | 'db'>,
  { target, again }: WantedRender,
  { ofInputs, ofCommits }: RenderKeys,
): Promise<RenderRow | undefined> {
  const { render, paused } = await knownRender(db, ofInputs.key, ofCommits.key);
  if (render !== undefined && isScopedAlike(target.capabilities, render.scopes)) {
    if (await content.use(render)) return render;
  }
  if (!again && paused !== undefined) {
    throw new KeelsonError('render-failed', `Manifest generation error (cached): ${paused}`);
  }
  return undefined;
}

/** Renders from what was found to be read alone; where that isn't enough, from all files of the commits. */
async function renderNow(deps: RendererDeps, wanted: Analysed): Promise<RenderRow> {
  const { sources, found, keys } = wanted;
  const restricted = isRestricted(found);
  try {
    const open = restricted ? restrictedOpener(deps, sources, found) : deps.sources.open;
    return await renderAndStore(deps, wanted, keys.ofInputs, open);
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (!restricted || error.code !== 'render-failed') throw await counted(deps, keys.ofInputs, error);
    try {
      return await renderAndStore(deps, wanted, keys.ofCommits, deps.sources.open);
    } catch (second) {
      if (!isFailure(second)) throw second;
      // The same failure has nothing to do with the files that were left out.
      const key = second.message === error.message ? keys.ofInputs : keys.ofCommits;
      throw await counted(deps, key, second);
    }
  }
}

async function renderAndStore(
  deps: RendererDeps,
  wanted: Analysed,
  { key, inputs }: RenderKey,
  open: Opener,
): Promise<RenderRow> {
  const { target, sources, found } = wanted;
  const { manifests, sourceTypes, warnings } = await renderAll(deps, wanted, open);
  await refuseOtherTool(deps, wanted, sourceTypes);
  const impure = found.some(({ own }) => own.remote.length > 0 || own.random.length > 0);
  return await deps.content.storeRender(stampObjects(deps, target, manifests), (objects) => ({
    renderKey: key,
    revision: joinRevisions(sources.map(({ revision }) => revision)),
    sourceTypes: [...sourceTypes],
    objects,
    warnings: [...warnings],
    inputs,
    scopes: scopesOf(target.capabilities, manifests),
    lastsSeconds: renderLastsSeconds(deps, impure),
  }));
}

function renderAll(
  deps: RendererDeps,
  { target, sources, found, urgent, signal }: Analysed,
  open: Opener,
): Promise<RenderedSources> {
  const { application, spec, capabilities, tools } = target;
  return renderSources({
    sources,
    several: hasMultipleSources(spec),
    open,
    slot: (run) => deps.renderSlots.run(run, signal, { first: urgent === true }),
    render: deps.renderSource,
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
      plugins: deps.plugins,
      unresponsive: found.some(({ isOpen }) => isOpen) ? unresponsiveOf(found) : undefined,
      settings: tools,
      limits: renderLimitsOf(deps),
      remote: deps.sources.remote(spec.project),
      kubeVersion: capabilities.kubeVersion,
      apiVersions: capabilities.apiVersions,
      signal,
    }),
  });
}

/**
 * While a plugin can't be asked, what a plugin rendered before is left to it: another tool would make other objects of
 * the folder, and a sync with pruning would delete what is there.
 */
async function refuseOtherTool(
  { db }: Pick<RenderDeps, 'db'>,
  { target: { application }, found }: Analysed,
  sourceTypes: readonly string[],
): Promise<void> {
  const unresponsive = unresponsiveOf(found);
  if (unresponsive.length === 0) return;
  const before = (await sourceTypesOf(db, application)) ?? [];
  const changed = sourceTypes.findIndex(
    (type, position) =>
      found[position]?.unresponsive.length !== 0 && type !== 'Plugin' && before[position] === 'Plugin',
  );
  if (changed < 0) return;
  throw new KeelsonError(
    'render-failed',
    `source ${changed + 1} was rendered by a plugin before, and plugins were ${unresponsiveRemedy(unresponsive)}, or name the tool in the source`,
  );
}

/** Whether the sources are to blame: trying again at once would end in the same. */
function isFailure(error: unknown): error is KeelsonError {
  if (!(error instanceof KeelsonError)) return false;
  return ['render-failed', 'manifest-invalid', 'invalid-argument', 'timeout'].includes(error.code);
}

async function counted(
  { db }: Pick<RenderDeps, 'db'>,
  { key }: RenderKey,
  error: KeelsonError,
): Promise<KeelsonError> {
  await recordRenderFailure(db, key, error.message);
  return error;
}
