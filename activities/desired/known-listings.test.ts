import { describe, expect, it } from 'vitest';
import { createKnownListings, type KnownListing } from './known-listings.ts';

const listing = (commit: string): KnownListing => ({
  urls: ['https://git.test/team/app'],
  refs: { commits: new Map([['refs/heads/main', commit]]) },
});

describe('activities/desired/known-listings', () => {
  it('gives the last listing to each application that it has changed, once', () => {
    const listings = createKnownListings();
    listings.note(listing('old'), ['one']);
    listings.note(listing('new'), ['one', 'other']);
    expect(listings.take('one')).toEqual(listing('new'));
    expect(listings.take('one')).toBeUndefined();
    expect(listings.take('other')).toEqual(listing('new'));
  });

  it('shares nothing with other workers', () => {
    createKnownListings().note(listing('new'), ['one']);
    expect(createKnownListings().take('one')).toBeUndefined();
  });
});
