import { describe, expect, it } from 'vitest';
import { type Found, type Meaning, type Mirrored, meaningOf, type Origin } from './incarnation.ts';

const row: Mirrored = { homeUid: 'a', homeVersion: '20', project: 'web' };
const object = (change: Partial<Found> = {}): Found => ({
  ...{ uid: 'a', version: '21', project: 'web' },
  ...change,
});

describe('core/home/incarnation', () => {
  it.each<[string, Mirrored | undefined, Found, Origin, Meaning]>([
    ['a name that is free', undefined, object(), 'event', 'new'],
    [
      'a row that held until now',
      { homeUid: null, homeVersion: null, project: 'web' },
      object(),
      'list',
      'claimed',
    ],
    ['a newer version', row, object(), 'event', 'newer'],
    ['the version that is known', row, object({ version: '20' }), 'event', 'known'],
    ['an older event', row, object({ version: '19' }), 'event', 'known'],
    ['an answer that was overtaken', row, object({ version: '9' }), 'write', 'known'],
    ['an older entry of a list', row, object({ version: '19' }), 'list', 'doubtful'],
    ['an older object that a read confirms', row, object({ version: '19' }), 'read', 'restored'],
    ['another uid in the same project', row, object({ uid: 'b' }), 'event', 'recreated'],
    ['another uid in another project', row, object({ uid: 'b', project: 'shop' }), 'event', 'replaced'],
    ['an older event of another uid', row, object({ uid: 'b', version: '19' }), 'event', 'known'],
    ['another uid that a read confirms', row, object({ uid: 'b', version: '19' }), 'read', 'recreated'],
    ['another project of the same uid', row, object({ project: 'shop' }), 'event', 'newer'],
    ['a version of more digits', row, object({ version: '100' }), 'event', 'newer'],
    ['a version that has no order', row, object({ version: 'x' }), 'event', 'newer'],
  ])('takes %s for what it is', (_, mirrored, found, origin, meaning) => {
    expect(meaningOf(mirrored, found, origin)).toBe(meaning);
  });
});
