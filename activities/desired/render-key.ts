import { hasMultipleSources, instanceName } from '../../core/application/source/source.ts';
import { canonicalJson } from '../../core/object/json/canonical.ts';
import type { Input } from '../../core/render/input.ts';
import type { RenderInputs } from '../../db/schema/manifest.ts';
import type { RenderDeps } from '../deps.ts';
import type { FoundInputs } from '../inputs/find-inputs.ts';
import type { SourceInputs } from '../inputs/source-inputs.ts';
import type { ResolvedSource } from '../source/resolve.ts';
import type { RenderTarget } from './stamp.ts';

/** Raised when a change of how desired states are made makes renders of the past wrong. */
export const renderVersion = 9;

/** All that a render depends on: of each source what is read of it, in the state of its commit. */
export type RenderKey = { readonly key: string; readonly inputs: RenderInputs };

/** The keys that a render may be stored under. */
export type RenderKeys = {
  /** Of a render that reads just the inputs that were found. */
  readonly ofInputs: RenderKey;
  /** Of one that may read any file of its commits. */
  readonly ofCommits: RenderKey;
};

type KeyDeps = Pick<RenderDeps, 'keyring' | 'homeNamespace' | 'tools'> & {
  readonly inputs: Pick<SourceInputs, 'digest'>;
};

/** What is rendered, and what was found to be read for it. */
type Keyed = {
  readonly target: RenderTarget;
  readonly sources: readonly ResolvedSource[];
  readonly found: readonly FoundInputs[];
};

const everything: readonly Input[] = [{ kind: 'tree', path: '' }];

/** The keys of a render: equal keys mean equal objects. */
export function renderKeysOf(deps: KeyDeps, keyed: Keyed): RenderKeys {
  return { ofInputs: keyOf(deps, keyed, false), ofCommits: keyOf(deps, keyed, true) };
}

/**
 * What the cluster can do counts where a tool is told of it; what kinds are namespaced stands with the render itself.
 * The names of the fields are those of stored keys: another name would make every application render anew.
 */
function keyOf(deps: KeyDeps, { target, sources, found }: Keyed, whole: boolean): RenderKey {
  const { application, spec, capabilities, tools, tracking } = target;
  const { kubeVersion, apiVersions } = capabilities;
  const inputs: RenderInputs = {
    sources: found.map(({ tree, read }) => {
      if (tree === undefined) return null;
      const counted = whole ? everything : read;
      return { read: counted, state: deps.inputs.digest(tree, counted) };
    }),
    usesRevision: found.some(({ own }) => own.usesRevision),
    fetches: found.some(({ own }) => own.remote.length > 0),
    cluster: found.some(({ own }) => own.cluster),
  };
  const silent = unresponsiveOf(found);
  const key = deps.keyring.digest(
    canonicalJson({
      renderVersion,
      whole,
      several: hasMultipleSources(spec),
      sources: sources.map(({ source, revision, submodules }, position) => {
        const { targetRevision, ...what } = source;
        const withoutSubmodules = found[position]?.tree?.submodules.length && submodules === undefined;
        const state = inputs.sources[position]?.state;
        const named = found[position]?.own.usesRevision === true ? { targetRevision, revision } : {};
        return {
          source: what,
          ...(state === undefined ? { revision } : { state }),
          ...named,
          ...(withoutSubmodules ? { hollow: true } : {}),
        };
      }),
      instance: instanceName({ metadata: application }, deps.homeNamespace),
      project: spec.project,
      tracking,
      namespace: spec.destination.namespace ?? '',
      ...(inputs.cluster ? { kubeVersion, apiVersions } : {}),
      tools: deps.tools,
      ...(silent.length === 0 ? {} : { silent }),
      // What a plugin's file says counts for those that plugins render.
      settings: found.some(({ own }) => own.plugins) ? tools : { ...tools, plugins: [] },
    }),
  );
  return { key, inputs };
}

/** The plugins that may claim any of the sources and don't answer. */
export function unresponsiveOf(found: readonly FoundInputs[]): string[] {
  return [...new Set(found.flatMap(({ unresponsive }) => unresponsive))];
}

/** The key of objects that were uploaded, by the digests that they are stored under. */
export function uploadedKeyOf(deps: Pick<RenderDeps, 'keyring'>, digests: readonly string[]): string {
  return deps.keyring.digest(canonicalJson({ renderVersion, uploaded: digests }));
}
