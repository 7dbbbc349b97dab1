import { createByteCache } from '../../core/byte-cache.ts';
import { whileUsed } from '../../platform/while-used.ts';
import type { RemoteRefs } from '../git/git.ts';

/** A repository, by all its addresses, as a check has listed it. */
export type KnownListing = { readonly urls: readonly string[]; readonly refs: RemoteRefs };

/** Bounds the notes that nobody takes, as another worker has rendered their applications. */
const notedBytes = 64 * 1024 * 1024;
/** A ref by name and commit. */
const refBytes = 150;

/** The listings by which applications were found to be changed, for the renders that follow at once. */
export type KnownListings = {
  note(listing: KnownListing, applicationIds: readonly string[]): void;
  /** The listing by which an application was last found to be changed, once; it may be out of date. */
  take(applicationId: string): KnownListing | undefined;
};

export function createKnownListings(): KnownListings {
  const notes = createByteCache<KnownListing>(notedBytes, whileUsed);
  return {
    note(listing, applicationIds) {
      // All of them share the listing.
      const share = (listing.refs.commits.size * refBytes) / applicationIds.length;
      for (const id of applicationIds) notes.set(id, listing, share);
    },
    take(applicationId) {
      const found = notes.get(applicationId);
      notes.delete(applicationId);
      return found;
    },
  };
}
