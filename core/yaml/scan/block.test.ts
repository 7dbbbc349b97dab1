import { describe, expect, it } from 'vitest';
import { readUpToEnd } from '../read.ts';

// Each value is kubectl's, of the text as a part of an object where it can be one.
describe('core/yaml/scan/block', () => {
  it.each<[string, string, unknown]>([
    ['keeps the breaks of a literal block', 'x: |\n a\n b\n', { x: 'a\nb\n' }],
    ['folds lines of a folded block', 'x: >\n a\n b\n', { x: 'a b\n' }],
    ['keeps an empty line of a folded block as a break', 'x: >\n a\n\n b\n', { x: 'a\nb\n' }],
    ['keeps the breaks around lines that are indented more', 'x: >\n a\n  b\n c\n', { x: 'a\n b\nc\n' }],
    ['keeps the breaks around lines that begin with a tab', 'x: >\n a\n \tb\n c\n', { x: 'a\n\tb\nc\n' }],
    ['does not fold a separator of lines', 'x: >\n a\u2028 b\n', { x: 'a\u2028b\n' }],
    ['drops the last break for a minus', 'x: |-\n a\n\n', { x: 'a' }],
    ['keeps one break at the end without a sign', 'x: |\n a\n\n', { x: 'a\n' }],
    ['keeps all breaks at the end for a plus', 'x: |+\n a\n\n', { x: 'a\n\n' }],
    ['takes the depth before the sign', 'x: |1-\n  a\n', { x: ' a' }],
    ['takes the sign before the depth', 'x: |-1\n  a\n', { x: ' a' }],
    ['counts the depth from the parent', 'k:\n  x: |2\n     a\n', { k: { x: ' a\n' } }],
    ['counts the depth at the top from column 0', '|1\n  a\n', ' a\n'],
    ['takes the depth of the first line that is not empty', 'x: |\n\n   a\n   b\n', { x: '\na\nb\n' }],
    ['takes the deepest of the empty lines before', 'x: |\n    \n    a\n', { x: '\na\n' }],
    ['ends at a line that is less deep', 'k:\n  x: |\n    a\n  z: 1', { k: { x: 'a\n', z: 1 } }],
    ['passes over a comment behind the mark', 'x: | # c\n a\n', { x: 'a\n' }],
    ['takes # in it for a text', 'x: |\n # c\n', { x: '# c\n' }],
    ['may be empty', 'x: |\nz: 1', { x: '', z: 1 }],
    ['may be empty lines that all count', 'x: |+\n\n\nz: 1', { x: '\n\n', z: 1 }],
  ])('%s', (_rule, text, value) => {
    expect(readUpToEnd(text, 'own').value).toEqual(value);
  });

  it.each<[string, string, RegExp]>([
    ['a depth of 0', 'x: |0\n a\n', /cannot be 0/],
    ['text behind the mark', 'x: | a\n', /text stands behind the \|/],
    ['a tab in the place of spaces', 'x: |\n\ta\n', /a tab is used/],
  ])('refuses %s', (_rule, text, problem) => {
    expect(() => readUpToEnd(text, 'own')).toThrow(problem);
  });
});
