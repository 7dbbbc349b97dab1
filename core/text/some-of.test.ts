import { describe, expect, it } from 'vitest';
import { someOf } from './some-of.ts';

describe('core/some-of', () => {
  it.each([
    ['', [], 3, {}],
    ['a', ['a'], 3, {}],
    ['a, b, c', ['a', 'b', 'c'], 3, {}],
    ['a, b and 1 more', ['a', 'b', 'c'], 2, {}],
    ['a and 2 more', ['a', 'b', 'c'], 1, {}],
    ['a is odd; b is odd', ['a is odd', 'b is odd'], 2, { by: '; ' as const }],
    ['a is odd; and 1 more', ['a is odd', 'b is odd'], 1, { by: '; ' as const }],
    ['a, b and 7 more', ['a', 'b'], 3, { of: 9 }],
    ['a and 8 more', ['a', 'b'], 1, { of: 9 }],
  ])('says %j', (said, words, most, listing) => {
    expect(someOf(words, most, listing)).toBe(said);
  });
});
