import type { RenderDeps } from '../deps.ts';
import type { KnownListing } from '../desired/known-listings.ts';
import type { RemoteInputs } from '../render/request.ts';
import type { OpenSource } from './reader.ts';
import { readerOf } from './readers.ts';
import { remoteInputs } from './remote-inputs.ts';
import { type ResolvedSource, type ResolveInput, resolveSources } from './resolve.ts';
import { requireSignatures } from './signatures.ts';

/** The ways into the repositories of an application's sources. */
export type Sources = {
  /** Resolves every source of a spec, in order; a repository whose listing is given isn't asked. */
  resolve(input: ResolveInput, listing?: KnownListing): Promise<ResolvedSource[]>;
  /** Refuses sources in Git that are not signed by one of the keys that their project demands. */
  requireSigned(project: string, sources: readonly ResolvedSource[]): Promise<void>;
  /** Brings all files of a resolved source here. */
  open(source: ResolvedSource): Promise<OpenSource>;
  /** Ways for a project's sources to what they name beside their own repository. */
  remote(project: string): RemoteInputs;
};

/** Sources as this worker reaches them. */
export function createSources(
  deps: Pick<RenderDeps, 'artifacts' | 'charts' | 'db' | 'git' | 'http' | 'keyring'> & {
    readonly settings: Pick<RenderDeps['settings'], 'current'>;
  },
): Sources {
  return {
    resolve: (input, listing) => resolveSources(deps, input, listing),
    requireSigned: (project, sources) => requireSignatures(deps, project, sources),
    open: (source) => readerOf(deps, source.source).open(source),
    remote: (project) => remoteInputs(deps, project),
  };
}
