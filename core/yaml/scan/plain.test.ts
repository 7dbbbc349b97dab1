import { describe, expect, it } from 'vitest';
import { readUpToEnd } from '../read.ts';

// Each value is kubectl's, of the text as a part of an object where it can be one.
describe('core/yaml/scan/plain', () => {
  it.each<[string, string, unknown]>([
    ['folds lines', 'x: a\n b', { x: 'a b' }],
    ['keeps an empty line as a break', 'x: a\n\n b', { x: 'a\nb' }],
    ['keeps a separator of lines', 'x: a\u2028 b', { x: 'a\u2028b' }],
    ['drops blanks at the ends of lines', 'x: a \t\n \t b  ', { x: 'a b' }],
    ['keeps blanks between words', 'x: a  b\tc', { x: 'a  b\tc' }],
    ['ends at # behind a blank', 'x: a #b', { x: 'a' }],
    ['ends at # behind a tab', 'x: a\t#b', { x: 'a' }],
    ['has # within a word', 'x: a#b', { x: 'a#b' }],
    ['has a colon within a word', 'x: a:b', { x: 'a:b' }],
    ['ends at a colon before a blank', 'a b : 1', { 'a b': 1 }],
    ['ends at a colon before the end of the line', 'a:\n b', { a: 'b' }],
    ['ends at a line that is no deeper than its key', 'a: b\nc: d', { a: 'b', c: 'd' }],
    ['goes on in any column in brackets', 'x: [a\nb]', { x: ['a b'] }],
    ['ends at a comma in brackets', 'x: [a,b]', { x: ['a', 'b'] }],
    ['has commas and brackets outside of brackets', 'x: a,b]c}d[e{f?g', { x: 'a,b]c}d[e{f?g' }],
    ['has a colon before a comma in brackets', 'x: [a:,b]', { x: ['a:', 'b'] }],
    ['has the sign for a tag within', 'x: a!b&c*d', { x: 'a!b&c*d' }],
    ['may begin with a dash', 'x: -a', { x: '-a' }],
    ['may begin with a colon', 'x: :a', { x: ':a' }],
    ['may begin with a question mark', 'x: ?a', { x: '?a' }],
    ['may have a mark within', 'x: a\n ---\n b', { x: 'a --- b' }],
    ['ends at a mark at the start of a line', 'a\n---\nb', 'a'],
    ['ends at the end of a document', 'a\n...\n', 'a'],
  ])('%s', (_rule, text, value) => {
    expect(readUpToEnd(text, 'own').value).toEqual(value);
  });

  it.each<[string, string, RegExp]>([
    ['a question mark in brackets', 'x: [a?b]', /a comma or closing bracket/],
    ['an opening bracket within a text in brackets', 'x: [a[b]]', /a comma or closing bracket/],
    ['a tab that is no deeper than its key', 'k:\n  x: a\n\tb', /a tab is used/],
  ])('refuses %s', (_rule, text, problem) => {
    expect(() => readUpToEnd(text, 'own')).toThrow(problem);
  });
});
