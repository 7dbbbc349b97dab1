import { describe, expect, it } from 'vitest';
import { readUpToEnd } from '../read.ts';

// Each value is kubectl's, of the text as a part of an object where it can be one.
describe('core/yaml/scan/quoted', () => {
  it.each<[string, string, unknown]>([
    ['folds lines', 'x: "a\n b"', { x: 'a b' }],
    ['keeps an empty line as a break', "x: 'a\n\n b'", { x: 'a\nb' }],
    ['keeps a separator of lines', 'x: "a\u2028 b"', { x: 'a\u2028b' }],
    ['drops blanks around breaks', 'x: "a \t\n\t b"', { x: 'a b' }],
    ['keeps blanks at its ends', 'x: " a "', { x: ' a ' }],
    ['keeps blanks between words', "x: 'a  b'", { x: 'a  b' }],
    ['has two single quotes for one', "x: 'it''s'", { x: "it's" }],
    ['has no escapes in single quotes', String.raw`x: 'a\n'`, { x: String.raw`a\n` }],
    ['joins lines at an escaped break', 'x: "a \\\n  b"', { x: 'a b' }],
    ['keeps empty lines behind an escaped break', 'x: "a\\\n\n b"', { x: 'a\nb' }],
    ['has escapes of one letter', String.raw`x: "\t\n\r\\\"\'"`, { x: '\t\n\r\\"\'' }],
    ['has escapes of what can be seen nowhere', String.raw`x: "\0\a\b\v\f\e\ "`, { x: '\0\x07\b\v\f\x1b ' }],
    ['has escapes of unusual breaks', String.raw`x: "\N\_\L\P"`, { x: '\u0085\u00a0\u2028\u2029' }],
    ['has escapes of two, four and eight digits', String.raw`x: "\x41\u00e9\U0001F600"`, { x: 'Aé😀' }],
    ['keeps an escaped blank at the end of a line', 'x: "a\\ \n b"', { x: 'a  b' }],
    ['has #, colons and brackets', 'x: "a #b: [c"', { x: 'a #b: [c' }],
    ['may be a key', '"a b": 1', { 'a b': 1 }],
    ['is a text whatever it looks like', `x: ["1", 'null', ""]`, { x: ['1', 'null', ''] }],
  ])('%s', (_rule, text, value) => {
    expect(readUpToEnd(text, 'own').value).toEqual(value);
  });

  it.each<[string, string, RegExp]>([
    ['an escape that is unknown', String.raw`x: "\q"`, /unknown escape/],
    ['digits that are none', String.raw`x: "\x4g"`, /is cut off/],
    ['too few digits', String.raw`x: "\u004`, /is cut off/],
    ['a character beyond the last', String.raw`x: "\U00110000"`, /an escape is half a character/],
    ['half a character', String.raw`x: "\uD83D"`, /an escape is half a character/],
    ['a mark in it', 'x: "a\n---\nb"', /a closing quote/],
    ['the end of a document in it', "x: 'a\n...\nb'", /a closing quote/],
    ['one that is not closed', "x: 'a''", /a closing quote/],
    ['a text right behind it', 'x: "a"b', /the indentation does not fit/],
  ])('refuses %s', (_rule, text, problem) => {
    expect(() => readUpToEnd(text, 'own')).toThrow(problem);
  });
});
