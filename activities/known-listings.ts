import { type ByteCache, createByteCache } from '../core/byte-cache.ts';
import type { RenderDeps } from './deps.ts';
import type { RemoteRefs } from './git.ts';

/** A repository, by all its addresses, as a check has listed it. */
export type KnownListing = { readonly urls: readonly string[]; readonly refs: RemoteRefs };

/** Of applications that are raised and never rendered here: another worker may have taken them. */
const notedBytes = 64 * 1024 * 1024;
/** A ref by name and commit. */
const refBytes = 150;

const notes = new WeakMap<RenderDeps, ByteCache<KnownListing>>();

/** Remembers the listing by which applications were found to be changed. */
export function noteListing(
  deps: RenderDeps,
  listing: KnownListing,
  applicationIds: readonly string[],
): void {
  const noted = notes.get(deps) ?? createByteCache<KnownListing>(notedBytes);
  notes.set(deps, noted);
  // All of them share the listing.
  const share = (listing.refs.commits.size * refBytes) / applicationIds.length;
  for (const id of applicationIds) noted.set(id, listing, share);
}

/** The listing by which an application was last found to be changed, once; it may be out of date. */
export function takeListing(deps: RenderDeps, applicationId: string): KnownListing | undefined {
  const found = notes.get(deps)?.get(applicationId);
  notes.get(deps)?.delete(applicationId);
  return found;
}
