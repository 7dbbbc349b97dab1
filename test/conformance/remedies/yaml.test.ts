import { describe } from 'vitest';
import { maxDepth } from '../../../core/yaml/file-kinds.ts';
import { readDocuments } from '../../../core/yaml/read.ts';
import { type Followed, followEach } from '../../support/remedies.ts';

const problemsOfText = (text: string): string[] =>
  readDocuments(text, 'manifests').flatMap((one) => ('problem' in one ? one.problem : []));

const deep = (levels: number) => `x: ${'['.repeat(levels)}${']'.repeat(levels)}\n`;
const deepJson = (levels: number) => `{"x": ${'['.repeat(levels)}${']'.repeat(levels)}}\n`;
const bomb = (levels: number) => {
  const lines = Array.from(
    { length: levels },
    (_, at) => `x${at + 1}: &x${at + 1} [${Array(9).fill(`*x${at}`).join(', ')}]`,
  );
  return ['x0: &x0 a', ...lines].join('\n');
};

const rows: readonly Followed<string>[] = [
  ['text stands behind the separator ---; move it to the next line', '--- a: 1\n', '---\na: 1\n'],
  ['is nested too deeply; flatten it', deep(maxDepth + 1), deep(9)],
  ['is nested too deeply; flatten it', deepJson(maxDepth + 1), deepJson(9)],
  ['a map key must be a text; put it in quotes', '[a]: 1', '"[a]": 1'],
  ['a map key must be a text; put it in quotes', '18446744073709551615: 1', '"18446744073709551615": 1'],
  [
    'a line separator (U+2028 or U+2029) stands in the text; remove it, or write it as \\u2028 in double quotes',
    'a: b\u2028c',
    'a: bc',
  ],
  [
    'a line separator (U+2028 or U+2029) stands in the text; remove it, or write it as \\u2028 in double quotes',
    'a: b\u2028c',
    'a: "b\\u2028c"',
  ],
  [
    'an anchor has a name with other characters than letters, digits, - and _; rename it',
    'a: &x.y 1\nb: *x.y',
    'a: &x_y 1\nb: *x_y',
  ],
  [
    'an empty line follows an escaped line break in double quotes; remove it, or write \\n',
    'a: "b\\\n\n  c"',
    'a: "b\\\n  c"',
  ],
  [
    'an empty line follows an escaped line break in double quotes; remove it, or write \\n',
    'a: "b\\\n\n  c"',
    'a: "b\\n\\\n  c"',
  ],
  [
    'is not valid JSON: what follows the objects before is none; correct it',
    '{"a": 1} {"b": 2} [',
    '{"a": 1} {"b": 2} {"c": 3}',
  ],
  [
    'is passed over by kubectl, since ... ends a document for good; separate documents by ---',
    'a: 1\n...\nb: 2\n',
    'a: 1\n---\nb: 2\n',
  ],
  [
    'a number that is infinite or none at all has no form in JSON; use a finite number or put it in quotes',
    'a: .inf',
    'a: 1e300',
  ],
  [
    'a number that is infinite or none at all has no form in JSON; use a finite number or put it in quotes',
    'a: .nan',
    'a: ".nan"',
  ],
  ['a value does not fit its tag; remove the tag or change the value', 'a: !!int b', 'a: b'],
  ['a value does not fit its tag; remove the tag or change the value', 'a: !!int b', 'a: !!int 1'],
  ['an anchor contains itself; remove the alias', 'a: &a [*a]', 'a: &a [b]'],
  ['field "__proto__" is not allowed; rename it', '__proto__: {a: 1}', 'proto: {a: 1}'],
  ['<< needs a map or a list of maps; give it one', 'a: {<<: b}', 'a: {<<: {b: 1}}'],
  ['<< needs a map or a list of maps; give it one', 'a: {<<: b}', 'a: {<<: [{b: 1}, {c: 1}]}'],
  ['a value in brackets starts with a question mark; put it in quotes', 'a: [?b]', 'a: ["?b"]'],
  ['half a character stands in a text; complete the escapes \\u....', 'a: "\\ud83d"', 'a: "\\ud83d\\ude00"'],
  ['grows too large when its aliases are expanded; use fewer aliases', bomb(9), bomb(3)],
  // The parser's own words.
  ['text stands behind the | or > of a block; move it to the next line', 'a: | b\n  c\n', 'a: |\n  b\n  c\n'],
  ['a space is missing after the colon; add it', '"a":b', '"a": b'],
  ['an alias cannot have an anchor or tag of its own; remove it', 'a: &x 1\nb: &y *x', 'a: &x 1\nb: *x'],
  ['the indentation of a block cannot be 0; use a larger number', 'a: |0\n  b', 'a: |2\n  b'],
  ['the indentation does not fit the lines above; align it with spaces', 'a: 1\n b: 2', 'a: 1\nb: 2'],
  ['a key runs over several lines; a ":" or a quote is probably missing', 'a: 1\nb\n', 'a: 1\nb:\n'],
  ['a key has no colon after it; add it, or align the line', 'a: 1\n"b" c\n', 'a: 1\n"b": c\n'],
  ['a key has no colon after it; add it, or align the line', 'a: 1\n"b"\n', 'a: 1\n "b"\n'],
  ...[
    '%',
    '%YAML',
    '%YAML 1',
    '%YAML 2.0',
    '%YAML 1.2\n%YAML 1.2',
    '%TAG',
    '%TAG e f',
    '%TAG !e! f\n%TAG !e! f',
  ].map(
    (line): Followed<string> => [
      'a directive (%...) is not valid; remove it',
      `${line}\n---\na: 1`,
      '---\na: 1',
    ],
  ),
  ['a value has two tags or anchors; remove one', 'a: &x &y 1', 'a: &x 1'],
  ['text follows the end of the document; separate documents by ---', '[a]\nb: 1', '[a]\n---\nb: 1'],
  ['an escape in double quotes is cut off; complete it', 'a: "\\x1"', 'a: "\\x10"'],
  ['a comma stands where a value is expected; remove it', 'a: [b,,c]', 'a: [b,c]'],
  ['a control character stands in a quoted text; write it as an escape', 'a: "b\u0001c"', 'a: "b\\u0001c"'],
  ['a colon has no key before it; add the key', 'a: 1\n: 2\n? b\n', 'a: 1\nb: 2\n'],
  ['a comma or closing bracket is missing; add it', 'a: [b, c\nd: 1', 'a: [b, c]\nd: 1'],
  ['the text of a block is not indented; indent it', '|\nb\n', '|\n  b\n'],
  ['an anchor or alias has no name; add it, or put the value in quotes', 'a: * b', 'a: "* b"'],
  ['an anchor or alias has no name; add it, or put the value in quotes', 'a: & b', 'a: &x b'],
  ['a NUL character stands in the text; remove it', 'a: b\0c', 'a: bc'],
  ['a block has two indicators of a kind; remove one', 'a: |-+\n  b', 'a: |-\n  b'],
  ['a tab is used for indentation; use spaces', 'a:\n\tb: 1', 'a:\n  b: 1'],
  ['a tag is not written well; remove it, or put the value in quotes', 'a: !b,c d', 'a: d'],
  ['a tag is not written well; remove it, or put the value in quotes', 'a: !b,c d', 'a: "!b,c d"'],
  ['a control character stands in the text; remove it', 'a: b\u0001c', 'a: bc'],
  ['a tag has a handle that is not declared; remove the tag', 'a: !e!b c', 'a: c'],
  ['a closing quote or bracket is missing; add it', 'a: "b', 'a: "b"'],
  [
    'an alias has no anchor of its name before it; add the anchor, or put the value in quotes',
    'a: *b',
    'b: &b 1\na: *b',
  ],
  [
    'an alias has no anchor of its name before it; add the anchor, or put the value in quotes',
    'a: *b',
    'a: "*b"',
  ],
  ['a text in double quotes has an unknown escape; use single quotes or write \\\\', 'a: "\\d"', "a: '\\d'"],
  [
    'a text in double quotes has an unknown escape; use single quotes or write \\\\',
    'a: "\\d"',
    'a: "\\\\d"',
  ],
];

describe('a YAML text', () => {
  followEach(problemsOfText, rows);
});
