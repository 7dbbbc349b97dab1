import { hasMultipleSources, instanceName } from '../core/application/source.ts';
import { canonicalJson } from '../core/object/canonical.ts';
import type { Deps } from './deps.ts';
import type { Placement } from './place.ts';
import type { ResolvedSource } from './source/resolve.ts';

/** Raised when a change of how desired states are made makes renders of the past wrong. */
export const renderVersion = 3;

type KeyDeps = Pick<Deps, 'keyring' | 'homeNamespace' | 'tools'>;

/** The key of a render: equal keys mean equal objects. */
export function renderKeyOf(deps: KeyDeps, placement: Placement, sources: readonly ResolvedSource[]): string {
  const { application, spec, capabilities, tools, tracking } = placement;
  return deps.keyring.digest(
    canonicalJson({
      renderVersion,
      several: hasMultipleSources(spec),
      sources: sources.map(({ source, revision }) => {
        const { targetRevision: _, ...what } = source;
        return { source: what, revision };
      }),
      instance: instanceName({ metadata: application }, deps.homeNamespace),
      project: spec.project,
      tracking,
      namespace: spec.destination.namespace ?? '',
      capabilities,
      tools: deps.tools,
      settings: tools,
    }),
  );
}

/** The key of objects that were uploaded, by the digests that they are stored under. */
export function uploadedKeyOf(deps: Pick<Deps, 'keyring'>, digests: readonly string[]): string {
  return deps.keyring.digest(canonicalJson({ renderVersion, uploaded: digests }));
}
