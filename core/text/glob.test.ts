import { describe, expect, it } from 'vitest';
import { globPattern, isGlob, matchesGlob } from './glob.ts';

describe('core/glob', () => {
  it.each([
    ['*.yaml', 'a.yaml'],
    ['*.yaml', 'deep/below/a.yaml'],
    ['**/a.yaml', 'deep/a.yaml'],
    ['config/?.yaml', 'config/a.yaml'],
    ['{a,b}.yaml', 'b.yaml'],
    ['{*.yml,{x,y}/*}', 'y/z.json'],
    ['[a-c].yaml', 'b.yaml'],
    ['[!a-c].yaml', 'd.yaml'],
    ['a\\*.yaml', 'a*.yaml'],
    ['a,b}.yaml', 'a,b}.yaml'],
    ['a+(b).yaml', 'a+(b).yaml'],
  ])('%s matches %s', (glob, name) => {
    expect(globPattern(glob).test(name)).toBe(true);
  });

  it.each([
    ['*.yaml', 'a.yamlx'],
    ['*.yaml', 'a.json'],
    ['?.yaml', 'ab.yaml'],
    ['{a,b}.yaml', 'c.yaml'],
    ['[!a-c].yaml', 'b.yaml'],
    ['a\\*.yaml', 'ab.yaml'],
    ['a.yaml', 'axyaml'],
    ['', 'a'],
  ])('%s does not match %s', (glob, name) => {
    expect(globPattern(glob).test(name)).toBe(false);
  });
});

describe('core/glob: time', () => {
  it.each([
    ['asterisks', `${'*a'.repeat(500)}b`],
    ['alternatives', `${'{a,aa}'.repeat(146)}b`],
    ['braces in braces', `${'{a*b,'.repeat(170)}b`],
  ])('grows with the length of pattern and text: %s', (_, glob) => {
    const startedAt = performance.now();
    expect(globPattern(glob).test('a'.repeat(4096))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('refuses a pattern that is too long, and a range that ends before it begins', () => {
    expect(() => globPattern('a'.repeat(1025))).toThrow('is longer than 1024 characters');
    expect(() => globPattern('[z-a]')).toThrow('whose range ends before it begins');
  });
});

describe('core/glob: matching', () => {
  it('matches whole texts and takes what is no glob for no match', () => {
    expect(matchesGlob('*.cilium.io', 'x.cilium.io')).toBe(true);
    expect(matchesGlob('cilium.io', 'x.cilium.io')).toBe(false);
    expect(matchesGlob('[z-a]', 'b')).toBe(false);
    expect(isGlob('[z-a]')).toBe(false);
    expect(isGlob('{a,b}-*')).toBe(true);
  });
});

describe('globs of parts', () => {
  it.each([
    ['a/*', 'a/b', true],
    ['a/*', 'a/b/c', false],
    ['a/**', 'a/b/c', true],
    ['a/***', 'a/b/c', true],
    ['a/*/c', 'a/b/c', true],
    ['a/*/c', 'a/b/b/c', false],
    ['a?c', 'a/c', false],
    ['a?c', 'abc', true],
    ['**c', 'a/b/c', true],
    ['a/{*,x/*}', 'a/x/y', true],
    ['a/{b,x}', 'a/x', true],
    ['a/[!b]', 'a/c', true],
    ['*', '', true],
    ['*', 'a/b', false],
  ])('%s and %s: %s', (glob, text, expected) => {
    expect(globPattern(glob, '/').test(text)).toBe(expected);
    expect(matchesGlob(glob, text, '/')).toBe(expected);
  });

  it('is not taken for the same glob without parts', () => {
    expect([matchesGlob('a*', 'a/b'), matchesGlob('a*', 'a/b', '/'), matchesGlob('a*', 'a/b')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it.each([
    ['*', ''],
    ['**', 'ab'],
    ['a*b', 'ab'],
    ['a*b', 'a'],
    ['ab*b', 'ab'],
    ['*a*a*', 'a'],
    ['*a*a*', 'aa'],
    ['a', 'a'],
    ['', ''],
    ['', 'a'],
    ['*ab*ba', 'aba'],
    ['*ab*ba', 'abba'],
    ['a*', 'ba'],
    ['x/*/y', 'x//y'],
  ])('gives the same answer for %s and %s by pieces as by states', (glob, text) => {
    // A class makes it a glob that is followed by states.
    const slow = globPattern(`[#]${glob}`).test(`#${text}`);
    expect(globPattern(glob).test(text)).toBe(slow);
  });
});
