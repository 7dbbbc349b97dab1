import { expect, it } from 'vitest';
import type { Origin } from '../incarnation.ts';
import { bygoneOf } from './bygone.ts';
import { deletionStates } from './deletion-guard.ts';

const origins: readonly Origin[] = ['event', 'write', 'list', 'read'];

it.each(origins)('an object whose application has closed is gone, found by %s', (origin) => {
  for (const isDeleted of [false, true]) expect(bygoneOf('closed', isDeleted, origin)).toBe('gone');
});

it.each(origins)('one that was let go and is still being deleted is gone, found by %s', (origin) => {
  expect(bygoneOf('released', true, origin)).toBe('gone');
});

it('one that was let go and is not being deleted may be told of late: only a read tells', () => {
  const found = origins.map((origin) => bygoneOf('released', false, origin));
  expect(found).toEqual(['doubtful', 'doubtful', 'doubtful', 'alive']);
});

it('any other is alive', () => {
  const states = [undefined, ...deletionStates.filter((state) => state !== 'closed' && state !== 'released')];
  for (const state of states) expect(bygoneOf(state, false, 'event')).toBe('alive');
});
