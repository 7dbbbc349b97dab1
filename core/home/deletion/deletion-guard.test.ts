import { describe, expect, it } from 'vitest';
import { type GuardedDeletion, judgeDeletions } from './deletion-guard.ts';

const limits = { withinMilliseconds: 60_000, gatherMilliseconds: 3000 };
const now = 1_000_000;

const of = (count: number, more: Partial<GuardedDeletion> = {}, name = 'd'): GuardedDeletion[] =>
  Array.from({ length: count }, (_, at) => ({
    uid: `${name}${at}`,
    way: 'object',
    state: 'pending',
    deletedAt: now - 10_000,
    seenAt: now - 10_000,
    answered: false,
    ...more,
  }));

describe('the guard of deletions', () => {
  it.each<[string, number, GuardedDeletion[], number, number]>([
    ['starts five of five', 5, of(5), 0, 5],
    ['holds six of six', 6, of(6), 6, 0],
    ['holds six of eleven', 11, of(6), 6, 0],
    ['starts six of twelve: no more than half', 12, of(6), 0, 6],
    ['counts those that have gone already', 5, [...of(3), ...of(5, { state: 'released' }, 'gone')], 3, 0],
    ['stops those that have begun', 7, [...of(4), ...of(3, { state: 'going' }, 'going')], 7, 0],
    [
      'starts what was spread over more than a minute',
      6,
      [...of(3), ...of(3, { deletedAt: now - 71_000 }, 'old')],
      0,
      6,
    ],
    [
      'holds what was spread over a minute',
      6,
      [...of(3), ...of(3, { deletedAt: now - 70_000 }, 'old')],
      6,
      0,
    ],
    ['starts what the API deletes', 6, of(6, { way: 'api' }), 0, 6],
    ['starts what a confirmed bulk request deletes', 6, of(6, { way: 'bulk' }), 0, 6],
    ['starts what a set deletes after its own guard', 6, of(6, { way: 'set' }), 0, 6],
    ['starts the children of a parent that was let through', 6, of(6, { way: 'parent' }), 0, 6],
    [
      'counts no deletion by the API among those through objects',
      8,
      [...of(5), ...of(3, { way: 'api' }, 'api')],
      0,
      8,
    ],
    ['starts what somebody has answered for', 6, of(6, { answered: true }), 0, 6],
    ['leaves what is held', 6, of(6, { state: 'held' }), 0, 0],
    ['waits for others of the same deletion', 20, of(1, { seenAt: now - 1000 }), 0, 0],
    ['waits for none where no six applications are', 5, of(1, { seenAt: now - 1000 }), 0, 1],
  ])('%s', (_, living, deletions, held, started) => {
    const { hold, start } = judgeDeletions(living, deletions, limits, now);
    expect([hold.length, start.length]).toEqual([held, started]);
  });
});
