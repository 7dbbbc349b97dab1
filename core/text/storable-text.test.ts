import { describe, expect, it } from 'vitest';
import { KeelsonError } from '../errors.ts';
import { isStorable, storableText, unstorablePart } from './storable-text.ts';

describe('core/storable-text', () => {
  it.each([
    ['a NUL', 'a\u0000b', 'a\uFFFDb'],
    ['the first half of a pair', 'a\uD83Db', 'a\uFFFDb'],
    ['the second half of a pair', 'a\uDE00b', 'a\uFFFDb'],
  ])('replaces %s', (_, text, stored) => {
    expect(storableText(text)).toBe(stored);
  });

  it('keeps every other character', () => {
    const text = 'tab\t, line\n, \u001b[31mred, ü, 😀';
    expect(storableText(text)).toBe(text);
  });

  it('cuts what nobody reads, between two characters, and says how much', () => {
    const cut = storableText(`${'x'.repeat(7999)}😀${'y'.repeat(9)}`);
    expect(cut).toBe(`${'x'.repeat(7999)}... (11 more characters)`);
  });

  it('is how every error speaks', () => {
    expect(new KeelsonError('internal', 'kustomize: a\u0000b').message).toBe('kustomize: a\uFFFDb');
  });
});

describe('core/storable-text: values', () => {
  it.each<[unknown, string | undefined]>([
    [{ a: [{ b: 'x\u0000' }] }, 'a[0].b'],
    [{ a: { 'k\u0000': 1 } }, 'a.k\uFFFD'],
    [['fine', '\ud800'], '[1]'],
    ['\udc00', ''],
    [{ a: 'first\u0000', b: 'second\u0000' }, 'a'],
    [{ a: ['😀', null, 1, true] }, undefined],
  ])('finds by its path what no database holds: case %#', (value, path) => {
    expect(unstorablePart(value)?.path).toBe(path);
  });

  it('finds what is nested too deeply, however deep', () => {
    const nest = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect(unstorablePart(nest(500))).toBeUndefined();
    expect(unstorablePart(nest(5000))?.fault).toContain('nested deeper than 500 levels');
  });

  it('looks into long lists', () => {
    expect(unstorablePart(Array.from({ length: 500_000 }, () => 'x'))).toBeUndefined();
    expect(isStorable('x')).toBe(true);
  });
});
