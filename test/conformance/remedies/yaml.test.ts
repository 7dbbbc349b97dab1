import { describe } from 'vitest';
import { maxDepth } from '../../../core/yaml/file-kinds.ts';
import { readDocuments } from '../../../core/yaml/read.ts';
import { type Followed, followEach } from '../../support/hostile/remedies.ts';

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
    'an anchor has a name with other characters than letters, digits, - and _; rename it',
    'a: &x.y 1\nb: *x.y',
    'a: &x_y 1\nb: *x_y',
  ],
  [
    'is not valid JSON: what follows the objects before is none; correct it',
    '{"a": 1} {"b": 2} [',
    '{"a": 1} {"b": 2} {"c": 3}',
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
  ['what stands here is no UTF-8; write the file as UTF-8', 'a: caf\udfff', 'a: café'],
  ['<< needs a map or a list of maps; give it one', 'a: {<<: b}', 'a: {<<: {b: 1}}'],
  ['<< needs a map or a list of maps; give it one', 'a: {<<: b}', 'a: {<<: [{b: 1}, {c: 1}]}'],
  ['grows too large when its aliases are expanded; use fewer aliases', bomb(9), bomb(3)],
  [
    'stands behind the end of its document, where nothing is read; put --- before it, or remove it',
    'a: 1\n...\nb: 2\n',
    'a: 1\n...\n---\nb: 2\n',
  ],
  [
    'stands behind the end of its document, where nothing is read; put --- before it, or remove it',
    '[a]\nb: 1',
    '[a]',
  ],
  [
    'an escape is half a character or none at all; write the whole one with eight digits, such as \\U0001F600',
    'a: "\\ud83d\\ude00"',
    'a: "\\U0001F600"',
  ],
  [
    'is not valid YAML: a second byte order mark begins the text; remove it',
    '\ufeff\ufeff\ufeffa: 1',
    '\ufeffa: 1',
  ],
  // The parser's own words.
  ['the indentation does not fit the lines above; align it with spaces', 'a: 1\n- b', 'a:\n- b'],
  ['a closing bracket stands where a value is expected; remove it', 'a: ]', 'a:'],
  ['a closing bracket stands where a value is expected; remove it', '}', 'a: {}'],
  ['a directive (%...) is not followed by ---; remove it', '%YAML 1.1\nb', 'b'],
  ['a value starts with a character that none can start with; put it in quotes', 'a: @b', 'a: "@b"'],
  ['a "-" stands where no list can begin; move it to the next line', 'a: - b', 'a:\n - b'],
  ['a "?" stands where no key can begin; put the value in quotes', 'a: ? b', 'a: "? b"'],
  ['a second ": " stands in a line; put the value in quotes', 'a: b: c', 'a: "b: c"'],
  ['text stands behind the | or > of a block; move it to the next line', 'a: | b\n  c\n', 'a: |\n  b\n  c\n'],
  ['the indentation of a block cannot be 0; use a larger number', 'a: |0\n  b', 'a: |2\n  b'],
  ['a key has no colon after it; add it, or align the line', 'a: 1\n"b" c\n', 'a: 1\n"b": c\n'],
  ['a key has no colon after it; add it, or align the line', 'a: 1\n"b"\n', 'a: 1\n "b"\n'],
  ...['%', '%YAML', '%YAML 1', '%YAML 2.0', '%YAML 1.2\n%YAML 1.2', '%TAG !e! f\n%TAG !e! f'].map(
    (line): Followed<string> => [
      'a directive (%...) is not valid; remove it',
      `${line}\n---\na: 1`,
      '---\na: 1',
    ],
  ),
  ['an escape in double quotes is cut off; complete it', 'a: "\\x1"', 'a: "\\x10"'],
  ['a comma stands where a value is expected; remove it', 'a: [b,,c]', 'a: [b,c]'],
  ['a colon has no key before it; add the key', 'a: 1\n: 2\n? b\n', 'a: 1\nb: 2\n'],
  ['a comma or closing bracket is missing; add it', 'a: [b, c\nd: 1', 'a: [b, c]\nd: 1'],
  ['an anchor or alias has no name; add it, or put the value in quotes', 'a: * b', 'a: "* b"'],
  ['an anchor or alias has no name; add it, or put the value in quotes', 'a: & b', 'a: &x b'],
  ['a tab is used for indentation; use spaces', 'a:\n\tb: 1', 'a:\n  b: 1'],
  ['a tag is not written well; remove it, or put the value in quotes', 'a: !b{c d', 'a: d'],
  ['a tag is not written well; remove it, or put the value in quotes', 'a: !b{c d', 'a: "!b{c d"'],
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
