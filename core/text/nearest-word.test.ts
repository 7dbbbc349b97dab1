import { describe, expect, it } from 'vitest';
import { nearestWord } from './nearest-word.ts';

const known = ['Prune', 'PruneLast', 'Replace', 'ServerSideApply'];

describe('core/nearest-word', () => {
  it.each([
    ['Prun', 'Prune'],
    ['prunelast', 'PruneLast'],
    ['Repalce', 'Replace'],
    ['ServerSideAply', 'ServerSideApply'],
  ])('takes %s for %s', (written, meant) => {
    expect(nearestWord(written, known)).toBe(meant);
  });

  it('takes the nearest of several that are like it, the first of those as near', () => {
    expect(nearestWord('abcdef', ['abcdgh', 'abcdeg', 'abcgef', 'abghef'])).toBe('abcdeg');
  });

  it.each(['Own', '', 'Suspend', 'ServerAddress'])('takes %j for none of them', (written) => {
    expect(nearestWord(written, known)).toBeUndefined();
  });
});
