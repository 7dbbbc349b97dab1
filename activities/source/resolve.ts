import { sourcesOf } from '../../core/application/source/source.ts';
import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatJson } from '../../core/object/json/json.ts';
import { namedBySource, repositoryAccess } from '../../db/queries/repository/repository-access.ts';
import type { RenderDeps } from '../deps.ts';
import type { KnownListing } from '../desired/known-listings.ts';
import { findRevision, isFullSha } from '../git/access/refs.ts';
import type { Resolution, SourceRequest } from './reader.ts';
import { readerOf } from './readers.ts';

/** A source at the revision that its render is made of. */
export type ResolvedSource = SourceRequest & Resolution;

export type ResolveInput = {
  readonly spec: ApplicationSpec;
  /** Overrides the sources' target revisions by position; an empty text leaves a source its own. */
  readonly revisions?: readonly string[];
  /** A hard refresh: indexes and archives are fetched anew. */
  readonly hard?: boolean;
  readonly signal: AbortSignal;
};

type ResolveDeps = Pick<RenderDeps, 'artifacts' | 'charts' | 'db' | 'git' | 'keyring'> & {
  readonly settings: Pick<RenderDeps['settings'], 'current'>;
};

/** Resolves every source of a spec, in order; a repository whose listing is given isn't asked. */
export async function resolveSources(
  deps: ResolveDeps,
  input: ResolveInput,
  listing?: KnownListing,
): Promise<ResolvedSource[]> {
  const sources = sourcesOf(input.spec);
  if (sources.length === 0) {
    throw new KeelsonError('invalid-argument', 'spec.source: is missing; name a repoURL and a path');
  }
  // Two sources of one branch are at one commit, also when somebody pushes in between.
  const asked = new Map<string, Promise<Resolution>>();
  return await Promise.all(
    sources.map(async (source, position) => {
      const request = await sourceRequest(deps, input, source);
      const revision = input.revisions?.[position] || source.targetRevision;
      const id = formatJson([source.repoURL, source.chart, source.tagPrefix, revision]);
      const resolving =
        asked.get(id) ??
        foundIn(listing, source, revision) ??
        readerOf(deps, source).resolve({ ...request, revision });
      asked.set(id, resolving);
      return { ...request, ...(await resolving) };
    }),
  );
}

/** A commit that is named itself, or that no listing can tell, is left to Git. */
function foundIn(
  listing: KnownListing | undefined,
  source: ApplicationSource,
  revision: string | undefined,
): Promise<Resolution> | undefined {
  if (listing === undefined || source.chart || !listing.urls.includes(source.repoURL)) return undefined;
  const found = isFullSha(revision?.trim() ?? '')
    ? undefined
    : findRevision(listing.refs, revision?.trim() ?? '');
  return found === undefined ? undefined : Promise.resolve({ revision: found.sha, ref: found.ref });
}

async function sourceRequest(
  deps: ResolveDeps,
  { spec, hard, signal }: ResolveInput,
  source: ApplicationSource,
): Promise<SourceRequest> {
  const accessOf = (url: string) => namedBySource(deps.db, deps.keyring, url, spec.project);
  const access = await repositoryAccess(deps.db, deps.keyring, source.repoURL, spec.project);
  const submodules = deps.settings.current().gitSubmodules ? { reader: spec.project, accessOf } : undefined;
  return { source, access, submodules, signal, fresh: hard };
}
