import { type ByteCache, createByteCache } from '../../core/byte-cache.ts';
import type { Deps } from '../deps.ts';
import type { RemoteRefs } from '../git/git.ts';

/** A repository, by all its addresses, as a check has listed it. */
export type KnownListing = { readonly urls: readonly string[]; readonly refs: RemoteRefs };

/** Of applications that are raised and never rendered here: another worker may have taken them. */
const notedBytes = 64 * 1024 * 1024;
/** A ref by name and commit. */
const refBytes = 150;

const notes = new WeakMap<Deps, ByteCache<KnownListing>>();

/** Remembers the listing by which applications were found to be changed. */
export function noteListing(deps: Deps, listing: KnownListing, applicationIds: readonly string[]): void {
  const noted = notes.get(deps) ?? createByteCache<KnownListing>(notedBytes);
  notes.set(deps, noted);
  // All of them share the listing.
  const share = (listing.refs.commits.size * refBytes) / applicationIds.length;
  for (const id of applicationIds) noted.set(id, listing, share);
}

/** The listing by which an application was last found to be changed, once; it may be out of date. */
export function takeListing(deps: Deps, applicationId: string): KnownListing | undefined {
  const found = notes.get(deps)?.get(applicationId);
  notes.get(deps)?.delete(applicationId);
  return found;
}
