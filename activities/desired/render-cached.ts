import { joinRevisions } from '../../core/application/source/revisions.ts';
import { hasMultipleSources, instanceName, isToolChosen } from '../../core/application/source/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import { sourceTypesOf } from '../../db/queries/application/desired.ts';
import { knownRender, type RenderRow } from '../../db/queries/application/render.ts';
import { recordRenderFailure } from '../../db/queries/application/render-failure.ts';
import type { RenderDeps } from '../deps.ts';
import { type FoundInputs, findInputs } from '../inputs/find-inputs.ts';
import { openView } from '../inputs/open-view.ts';
import { silenceOf } from '../plugin/choose.ts';
import type { OpenSource } from '../source/reader.ts';
import { readerOf } from '../source/readers.ts';
import { remoteInputs } from '../source/remote-inputs.ts';
import { type RenderedSources, renderSources } from '../source/render.ts';
import type { ResolvedSource } from '../source/resolve.ts';
import { isPlacedAlike, type Placement, placeObjects, scopesOf } from './place.ts';
import { type RenderKey, renderKeyOf } from './render-key.ts';

/** What a render takes of what the worker has. */
export type RenderingDeps = Pick<
  RenderDeps,
  | 'artifacts'
  | 'charts'
  | 'content'
  | 'db'
  | 'git'
  | 'homeNamespace'
  | 'http'
  | 'keyring'
  | 'plugins'
  | 'reconcileSeconds'
  | 'renderSlots'
  | 'sandbox'
  | 'tools'
>;

/** A render that is wanted: of these sources, at these revisions, for this application. */
export type WantedRender = {
  readonly placement: Placement;
  readonly sources: readonly ResolvedSource[];
  /** Renders even if the same render is stored. */
  readonly hard: boolean;
  /** Tries again what has failed again and again. */
  readonly again: boolean;
  /** Goes before renders that nobody waits for. */
  readonly urgent?: boolean;
  readonly signal: AbortSignal;
};

/** A wanted render with what it reads, and the keys of one that reads just that and of one that may read anything. */
type Analysed = WantedRender & {
  readonly found: readonly FoundInputs[];
  readonly narrow: RenderKey;
  readonly whole: RenderKey;
};

type Opener = (source: ResolvedSource) => Promise<OpenSource>;

/** The stored render of the same inputs, or a new one; renders of one key that are wanted at once run once. */
export async function renderCached(deps: RenderingDeps, wanted: WantedRender): Promise<RenderRow> {
  const { placement, sources } = wanted;
  const found = await findInputs(deps, placement, sources);
  const narrow = renderKeyOf(deps, placement, sources, found);
  const whole = renderKeyOf(deps, placement, sources, found, { whole: true });
  if (!wanted.hard) {
    const known = await knownRender(deps.db, narrow.key, whole.key);
    if (known.render !== undefined && isPlacedAlike(placement.capabilities, known.render.scopes)) {
      if (await deps.content.use(known.render)) return known.render;
    }
    if (!wanted.again && known.paused !== undefined) {
      throw new KeelsonError('render-failed', `Manifest generation error (cached): ${known.paused}`);
    }
  }
  return await once(deps, narrow.key, wanted.signal, () =>
    renderNow(deps, { ...wanted, found, narrow, whole }),
  );
}

/** Renders from what was found to be read alone; where that isn't enough, from all files. */
async function renderNow(deps: RenderingDeps, wanted: Analysed): Promise<RenderRow> {
  const { found, narrow, whole } = wanted;
  const isNarrow = found.some(
    ({ tree, own }) => tree !== undefined && (own.gaveUp === undefined || own.submodules !== undefined),
  );
  try {
    const open = isNarrow ? viewsOf(deps, wanted) : opener(deps);
    return await renderAndStore(deps, wanted, narrow, open);
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (!isNarrow || error.code !== 'render-failed') throw await counted(deps, narrow, error);
    try {
      return await renderAndStore(deps, wanted, whole, opener(deps));
    } catch (second) {
      if (!isFailure(second)) throw second;
      // The same failure has nothing to do with the files that were left out.
      throw await counted(deps, second.message === error.message ? narrow : whole, second);
    }
  }
}

async function renderAndStore(
  deps: RenderingDeps,
  wanted: Analysed,
  { key, inputs }: RenderKey,
  open: Opener,
): Promise<RenderRow> {
  const { placement, sources, found } = wanted;
  const rendered = await renderAll(deps, wanted, open);
  await refuseOtherTool(deps, wanted, rendered);
  const impure = found.some(({ own }) => own.remote.length > 0 || own.random.length > 0);
  return await deps.content.storeRender(placeObjects(deps, placement, rendered.manifests), (objects) => ({
    renderKey: key,
    revision: joinRevisions(sources.map(({ revision }) => revision)),
    sourceTypes: [...rendered.sourceTypes],
    objects,
    warnings: [...rendered.warnings],
    inputs,
    scopes: scopesOf(placement.capabilities, rendered.manifests),
    lastsSeconds: impure ? deps.reconcileSeconds : undefined,
  }));
}

function silentOf(found: readonly FoundInputs[]): string[] {
  return [...new Set(found.flatMap(({ silent }) => silent))];
}

/**
 * While a plugin can't be asked, what a plugin rendered before is left to it: another tool would make other objects of
 * the folder, and a sync with pruning would delete what is there.
 */
async function refuseOtherTool(
  { db }: Pick<RenderDeps, 'db'>,
  { placement: { application }, found }: Analysed,
  { sourceTypes }: RenderedSources,
): Promise<void> {
  const silent = silentOf(found);
  if (silent.length === 0) return;
  const before = (await sourceTypesOf(db, application)) ?? [];
  const changed = sourceTypes.findIndex(
    (type, position) =>
      found[position]?.silent.length !== 0 && type !== 'Plugin' && before[position] === 'Plugin',
  );
  if (changed < 0) return;
  throw new KeelsonError(
    'render-failed',
    `source ${changed + 1} was rendered by a plugin before, and plugins were ${silenceOf(silent)}, or name the tool in the source`,
  );
}

function renderAll(
  deps: RenderingDeps,
  { placement: { application, spec, capabilities, tools }, sources, found, urgent, signal }: Analysed,
  open: Opener,
): Promise<RenderedSources> {
  return renderSources({
    sources,
    several: hasMultipleSources(spec),
    open,
    slot: (run) => deps.renderSlots.run(run, signal, { first: urgent === true }),
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
      silent: sources.some(({ source }) => !isToolChosen(source)) ? silentOf(found) : undefined,
      settings: tools,
      remote: remoteInputs(deps, spec.project),
      kubeVersion: capabilities.kubeVersion,
      apiVersions: capabilities.apiVersions,
      signal,
    }),
  });
}

function opener(deps: RenderingDeps): Opener {
  return (source) => readerOf(deps, source.source).open(source);
}

function viewsOf(deps: RenderingDeps, { sources, found }: Analysed): Opener {
  const full = opener(deps);
  return async (resolved) => {
    const { tree, read, own } = found[sources.indexOf(resolved)] ?? {};
    if (tree === undefined || read === undefined || own?.gaveUp !== undefined) {
      return await full({ ...resolved, submodulesWithin: own?.submodules });
    }
    // What others read in its submodules is in no listing of its files.
    const reachesSubmodules = read.some((input) => input.kind === 'tree' && input.path === '');
    if (tree.submodules.length > 0 && reachesSubmodules) return await full(resolved);
    const { access, signal, revision: sha } = resolved;
    // A folder of plain manifests is read by the worker itself.
    const asStored = own?.tool === 'Directory';
    return await openView(deps.git, { access, signal, sha }, tree, read, { asStored });
  };
}

/** What the sources are to blame for: trying again at once would end in the same. */
function isFailure(error: unknown): error is KeelsonError {
  if (!(error instanceof KeelsonError)) return false;
  return ['render-failed', 'manifest-invalid', 'invalid-argument', 'timeout'].includes(error.code);
}

async function counted(deps: RenderingDeps, { key }: RenderKey, error: KeelsonError): Promise<KeelsonError> {
  await recordRenderFailure(deps.db, key, error.message);
  return error;
}

const underWay = new WeakMap<RenderingDeps, Map<string, Promise<RenderRow>>>();

/** Runs a render, or waits for the same one; that another caller gave up is no reason for this one to. */
async function once(
  deps: RenderingDeps,
  key: string,
  signal: AbortSignal,
  run: () => Promise<RenderRow>,
): Promise<RenderRow> {
  const renders = underWay.get(deps) ?? new Map<string, Promise<RenderRow>>();
  underWay.set(deps, renders);
  const other = renders.get(key);
  if (other !== undefined) {
    const row = await other.catch((error: unknown) => {
      if (isFailure(error) || signal.aborted) throw error;
    });
    return row ?? (await once(deps, key, signal, run));
  }
  const own = run().finally(() => renders.delete(key));
  renders.set(key, own);
  return await own;
}
