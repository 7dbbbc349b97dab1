import { describe, expect, it } from 'vitest';
import { KeelsonError } from './errors.ts';
import { storableText } from './storable-text.ts';

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
