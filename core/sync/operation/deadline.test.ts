import { describe, expect, it } from 'vitest';
import { deadlineOf, isExpired, type Timed } from './deadline.ts';

const requestedAt = new Date('2026-05-01T10:00:00Z');
const at = (second: number): Date => new Date(requestedAt.getTime() + second * 1000);
const timed = (more: Partial<Timed>): Timed => ({
  kind: 'sync',
  request: {},
  requestedAt,
  deadline: null,
  terminateRequestedAt: null,
  ...more,
});
const deletion = {
  kind: 'delete',
  request: { deletion: { cascade: 'foreground', deadlineSeconds: 60 } },
} as const;

describe('core/sync/deadline', () => {
  it.each<[string, Partial<Timed>, Date | null]>([
    ['a sync without a timeout', {}, null],
    ['a sync with one', { deadline: at(30) }, at(30)],
    ['a deletion without a deadline, whatever its row says', { kind: 'delete', deadline: at(30) }, null],
    ['a deletion with one', deletion, at(60)],
  ])('says when the time of %s is up', (_title, more, expected) => {
    expect(deadlineOf(timed(more))).toEqual(expected);
  });

  it.each<[string, Partial<Timed>, boolean]>([
    ['nobody has asked to end', deletion, false],
    ['a person asked to end in time', { ...deletion, terminateRequestedAt: at(59) }, false],
    ['was asked to end when its time was up', { ...deletion, terminateRequestedAt: at(60) }, true],
    ['has no deadline', { terminateRequestedAt: at(60) }, false],
  ])('tells whether an operation that %s has expired', (_title, more, expected) => {
    expect(isExpired(timed(more))).toBe(expected);
  });
});
