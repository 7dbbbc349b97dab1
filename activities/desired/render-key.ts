import { hasMultipleSources, instanceName } from '../../core/application/source/source.ts';
import { canonicalJson } from '../../core/object/json/canonical.ts';
import type { Input } from '../../core/render-inputs/input.ts';
import type { RenderInputs } from '../../db/schema/manifest.ts';
import type { RenderDeps } from '../deps.ts';
import { type FoundInputs, stateDigest } from '../inputs/find-inputs.ts';
import type { ResolvedSource } from '../source/resolve.ts';
import type { Placement } from './place.ts';

/** Raised when a change of how desired states are made makes renders of the past wrong. */
export const renderVersion = 7;

type KeyDeps = Pick<RenderDeps, 'keyring' | 'homeNamespace' | 'tools'>;

/** All that a render depends on: of each source what is read of it, in the state of its commit. */
export type RenderKey = { readonly key: string; readonly inputs: RenderInputs };

const everything: readonly Input[] = [{ kind: 'tree', path: '' }];

/**
 * The key of a render, equal keys mean equal objects; `whole` is that of one that may read any file of its commits.
 * What the cluster can do counts where a tool is told of it; what kinds are namespaced stands with the render itself.
 */
export function renderKeyOf(
  deps: KeyDeps,
  placement: Placement,
  sources: readonly ResolvedSource[],
  found: readonly FoundInputs[],
  options: { readonly whole: boolean } = { whole: false },
): RenderKey {
  const { application, spec, capabilities, tools, tracking } = placement;
  const { kubeVersion, apiVersions } = capabilities;
  const inputs: RenderInputs = {
    sources: found.map(({ tree, read }) => {
      if (tree === undefined) return null;
      const counted = options.whole ? everything : read;
      return { read: counted, state: stateDigest(deps.keyring, tree, counted) };
    }),
    usesRevision: found.some(({ own }) => own.usesRevision),
    fetches: found.some(({ own }) => own.remote.length > 0),
    cluster: found.some(({ own }) => own.cluster),
  };
  const silent = [...new Set(found.flatMap((one) => one.silent))];
  const key = deps.keyring.digest(
    canonicalJson({
      renderVersion,
      whole: options.whole,
      several: hasMultipleSources(spec),
      sources: sources.map(({ source, revision, submodules }, position) => {
        const { targetRevision, ...what } = source;
        const isHollow = found[position]?.tree?.submodules.length && submodules === undefined;
        const state = inputs.sources[position]?.state;
        const named = found[position]?.own.usesRevision === true ? { targetRevision, revision } : {};
        return {
          source: what,
          ...(state === undefined ? { revision } : { state }),
          ...named,
          ...(isHollow ? { hollow: true } : {}),
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
      settings: found.some(({ own }) => own.tool === 'Plugin') ? tools : { ...tools, plugins: [] },
    }),
  );
  return { key, inputs };
}

/** The key of objects that were uploaded, by the digests that they are stored under. */
export function uploadedKeyOf(deps: Pick<RenderDeps, 'keyring'>, digests: readonly string[]): string {
  return deps.keyring.digest(canonicalJson({ renderVersion, uploaded: digests }));
}
