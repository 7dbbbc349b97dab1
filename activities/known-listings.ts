import type { Deps } from './deps.ts';
import type { RemoteRefs } from './git.ts';

/** A repository, by all its addresses, as a check has listed it. */
export type KnownListing = { readonly urls: readonly string[]; readonly refs: RemoteRefs };

/** Applications that are raised and never rendered here; another worker may have taken them. */
const mostNoted = 10_000;

const notes = new WeakMap<Deps, Map<string, KnownListing>>();

/** Remembers the listing by which applications were found to be changed. */
export function noteListing(deps: Deps, listing: KnownListing, applicationIds: readonly string[]): void {
  const noted = notes.get(deps) ?? new Map<string, KnownListing>();
  notes.set(deps, noted);
  if (noted.size > mostNoted) noted.clear();
  for (const id of applicationIds) noted.set(id, listing);
}

/** The listing by which an application was last found to be changed, once; it may be out of date. */
export function takeListing(deps: Deps, applicationId: string): KnownListing | undefined {
  const found = notes.get(deps)?.get(applicationId);
  notes.get(deps)?.delete(applicationId);
  return found;
}
