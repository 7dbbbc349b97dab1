import { describe, expect, it } from 'vitest';
import { fitsKindPattern } from './kind-pattern.ts';

describe('core/project/kind-pattern', () => {
  it.each([
    ['Pod', 'Pod', true],
    ['Pod', 'pod', false],
    ['*', '', true],
    ['*', 'a/b', false],
    ['**', 'a/b', false],
    ['P?d', 'Pod', true],
    ['?', '/', false],
    ['[A-P]od', 'Pod', true],
    ['[^A-O]od', 'Pod', true],
    ['[^P]od', 'Pod', false],
    ['{a,b}', 'a', false],
    ['{a,b}', '{a,b}', true],
    ['a,b', 'a,b', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['\\**', '*x', true],
    ['a]', 'a]', true],
  ])('%s and %s: %s', (pattern, text, fits) => {
    expect(fitsKindPattern(pattern, text)).toBe(fits);
  });

  it.each(['[', '[]', '[a', '[^]', '[z-a]', '\\', 'a\\', '[!a]', `${'a'.repeat(1025)}`])(
    'cannot read %s',
    (pattern) => {
      expect(fitsKindPattern(pattern, 'a')).toBeUndefined();
    },
  );
});
