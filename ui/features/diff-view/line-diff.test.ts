import { describe, expect, test } from 'vitest';
import { diffLines, foldEqual } from './line-diff.ts';

function signs(before: string, after: string): string[] {
  const sign = { same: ' ', added: '+', removed: '-' } as const;
  return diffLines(before, after).map((line) => sign[line.change] + line.text);
}

describe('ui/features/diff-view/line-diff', () => {
  test('a changed line is removed and added', () => {
    expect(signs('a\nb\nc\n', 'a\nx\nc\n')).toEqual([' a', '-b', '+x', ' c']);
  });

  test('moved and inserted lines keep what both sides share', () => {
    expect(signs('a\nb\nc\nd', 'b\nc\nnew\nd\ne')).toEqual(['-a', ' b', ' c', '+new', ' d', '+e']);
  });

  test('a missing side is all added or all removed', () => {
    expect(signs('', 'a\nb')).toEqual(['+a', '+b']);
    expect(signs('a\nb', '')).toEqual(['-a', '-b']);
    expect(signs('', '')).toEqual([]);
  });

  test('each side counts its own lines', () => {
    expect(diffLines('a\nb', 'b')).toEqual([
      { change: 'removed', text: 'a', before: 1 },
      { change: 'same', text: 'b', before: 2, after: 1 },
    ]);
    expect(diffLines('b', 'a\nb').at(-1)).toEqual({ change: 'same', text: 'b', before: 1, after: 2 });
  });

  test('removing the removed and keeping the added gives the new text back', () => {
    const before = 'q w e r t y u i o p'.replaceAll(' ', '\n');
    const after = 'w q e e t u y i p o'.replaceAll(' ', '\n');
    const lines = diffLines(before, after);
    const side = (gone: string) =>
      lines
        .filter((line) => line.change !== gone)
        .map((line) => line.text)
        .join('\n');
    expect(side('removed')).toBe(after);
    expect(side('added')).toBe(before);
  });

  test('equal lines far from a change are folded with their number', () => {
    const before = Array.from({ length: 20 }, (_, index) => `l${index}`);
    const after = before.with(10, 'changed');
    const hunks = foldEqual(diffLines(before.join('\n'), after.join('\n')), 2);
    expect(hunks.map((hunk) => (hunk.type === 'fold' ? hunk.count : `${hunk.lines.length} lines`))).toEqual([
      8,
      '6 lines',
      7,
    ]);
  });
});
