import { describe, expect, it } from 'vitest';
import { fileKinds } from './file-kinds.ts';
import { readDocument, readDocuments, readPartsUpToEnd, readUpToEnd } from './read.ts';
import { UnreadableError } from './unreadable.ts';

function read(text: string): unknown {
  return readUpToEnd(text, 'settings').value;
}

function problemOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof UnreadableError) return `${error.line}: ${error.message}`;
    throw error;
  }
  throw new Error('it was read');
}

function stream(text: string): unknown[] {
  return readDocuments(text, 'manifests').map((one) =>
    'problem' in one ? `${one.line}: ${one.problem}` : one.value,
  );
}

// What the real programs make of hundreds of texts is compared in test/integration/tools/yaml-readers.test.ts.
describe('core/yaml/read', () => {
  it.each([
    ['quoted text that goes on in column 1', 'x: "one\ntwo"', { x: 'one two' }],
    ['quoted text that goes on at the column of its key', 'k:\n  x: "one\n  two"', { k: { x: 'one two' } }],
    ['a list closed at the column of its key', 'k:\n  x: [\n    1\n  ]', { k: { x: [1] } }],
    ['a comment that touches a quote', 'x: "a"#c', { x: 'a' }],
    ['a comment that touches a bracket', 'x: [a,#c\n b]#d', { x: ['a', 'b'] }],
    ['a comment that touches the head of a block', 'x: |#c\n a\n', { x: 'a\n' }],
    ['a block at the end of a text without a line break', 'x: |\n a', { x: 'a' }],
    ['a lone carriage return as a line break', 'x: a\ry: |\r b\r', { x: 'a', true: 'b\n' }],
    ['a NEL as a line break', 'a: 1\u0085b: 2', { a: 1, b: 2 }],
    ['tags of collections as none', 'a: !!omap\n- b: 1\nc: !!set {d}', { a: [{ b: 1 }], c: { d: null } }],
    ['a timestamp as its text', 'x: !!timestamp 2001-01-01', { x: '2001-01-01' }],
    ['bytes in base64 as text', 'x: !!binary aGk=', { x: 'hi' }],
    [
      'whole numbers to their last digit',
      'x: 9007199254740993\nz: 0x7fffffffffffffff',
      {
        x: 9007199254740993n,
        z: 9223372036854775807n,
      },
    ],
    ['a float with whole digits as a whole number', 'x: 1e18', { x: 10n ** 18n }],
    ['a number beyond 64 bits as the nearest float', 'x: 18446744073709551615', { x: 2 ** 64 }],
    [
      'two merges in their order',
      'a: &a {k: 1}\nb: &b {k: 2}\nc: {<<: *a, <<: *b}',
      {
        a: { k: 1 },
        b: { k: 2 },
        c: { k: 2 },
      },
    ],
    ['a quoted << as a key like others', 'x: {"<<": {k: 1}}', { x: { '<<': { k: 1 } } }],
    [
      'keys as numbers first',
      '0x10: a\n1_0: b\n1.50: c\n1e6: d',
      { 16: 'a', 10: 'b', 1.5: 'c', '1e+06': 'd' },
    ],
    ['plain text in brackets that goes on in column 1', 'x: [a\nb, {c: d\ne}]', { x: ['a b', { c: 'd e' }] }],
    ['a question mark in brackets as the start of a key', 'x: {?b: 1}', { x: { b: 1 } }],
    ['a dash in brackets as text', 'x: [-]', { x: ['-'] }],
    ['a comma as a part of a tag', 'x: [!!str, a]', { x: ['a'] }],
    ['a separator of lines as one', '# a\u2028b: 1\nx: "c\u2029d"', { b: 1, x: 'c\u2029d' }],
    ['an empty line behind an escaped break as a break', 'x: "b\\\n\n c"', { x: 'b\nc' }],
    [
      'keys that look like names of objects',
      '"[object Object]": 1\n"\\0001": 2',
      { '[object Object]': 1, '\x00001': 2 },
    ],
    ['text right behind dashes as a key', '---a: 1', { '---a': 1 }],
    ['the first value alone', '{a: 1}\n{b: 2}', { a: 1 }],
    ['brackets with nothing in them as a list, whatever follows', '[]: 1', []],
    ['a list in lists without texts', 'x:\n- - -\n- a', { x: [[[null]], 'a'] }],
    ['of two floats that are as near the even one as key', '456789.1234: a', { 456789.12: 'a' }],
    ['a sign before a number beyond 63 bits as a float', 'x: +9223372036854775808', { x: 2 ** 63 }],
    ['a colon before a bracket as text', 'x: [a:]\nz: {b:, c: 1}', { x: ['a:'], z: { 'b:': null, c: 1 } }],
    ['the last of equal keys', 'a: 1\n"a": 2\n"b": 1\n"b": 2', { a: 2, b: 2 }],
    ['the first document alone', '%YAML 1.1\n---\na: 1\n---\n[', { a: 1 }],
    ['JSON in YAML', '{"a": [1,\n\t{"b": "\\u0041"}]}', { a: [1, { b: 'A' }] }],
    ['nothing', '# nothing\n', null],
  ])('reads %s', (_name, text, value) => {
    expect(read(text)).toEqual(value);
  });

  it.each([
    ['half a character', 'a: 1\nb: "\\ud800"', /^2: an escape is half a character/],
    ['a list as key', '? [a]\n: 1', /a map key must be a text/],
    ['a map as key', '{a: b}: 1', /a map key must be a text/],
    ['a null as key', 'a: 1\n~: 2', /^2: a map key must be a text/],
    ['a number beyond 64 bits as key', '18446744073709551615: a', /a map key must be a text/],
    ['a merge of a text', 'a: 1\nb: {<<: c}', /^2: << needs a map/],
    ['a value that does not fit its tag', 'a: 1\nb: !!int 1.5', /^2: a value does not fit its tag/],
    ['an unusual name of an anchor', 'a: &b.c 1', /^1: an anchor has a name/],
    ['an alias before its anchor', 'a: 1\nb: *c\nd: &c 1', /^2: .*an alias has no anchor/],
    ['an anchor in itself', 'a: 1\nb: &c [*c]', /^2: an anchor contains itself/],
    ['a tab as indentation', 'a:\n\tb: 1', /^2: .*a tab is used/],
    ['a list where none can begin', 'a: 1\nb: - c', /^2: .*a "-" stands where/],
    ['a second colon', 'a: 1\nb: c: d', /^2: .*a second ": "/],
    ['a key without a colon', 'a: 1\nb\nc: 1', /^2: .*a key has no colon/],
    ['a control character', 'a: 1\nb: \u0001', /^2: .*a control character/],
    ['a second byte order mark', '\uFEFF\uFEFFa: 1', /^1: .*byte order mark/],
    ['an unknown version', '%YAML 1.2\n---\na: 1', /^1: .*a directive/],
    ['an unknown handle', 'a: 1\nb: !c!d e', /^2: .*a tag has a handle/],
    ['an unknown escape', 'a: 1\nb: "\\q"', /^2: .*unknown escape/],
    ['a bracket too many', 'a: 1\nb: [c}', /^2: .*a comma or closing bracket/],
    ['a block that ends too early', 'a:\n  b: 1\n c: 1', /^3: .*the indentation does not fit/],
    ['an open quote on its last line', 'a: 1\nb: "c\n\n\n', /^2: is not valid YAML: a closing quote/],
  ])('refuses %s with its line', (_name, text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });

  it('refuses a text beyond the size of its kind before it looks at it', () => {
    const text = '['.repeat(fileKinds.settings.maxCharacters + 1);
    expect(problemOf(text)).toMatch(/^1: is larger than 2097152 characters/);
    expect(readDocuments(' '.repeat(fileKinds.configuration.maxCharacters + 1), 'configuration')).toEqual([
      { line: 1, problem: 'is larger than 4194304 characters; split it' },
    ]);
  });

  it.each([
    ['many keys', Array.from({ length: 20_000 }, (_, at) => `key${at}: a`).join('\n')],
    ['many quoted keys', Array.from({ length: 20_000 }, (_, at) => `"key${at}": a`).join('\n')],
    ['many colons in brackets', `x: [${'a:,'.repeat(20_000)}b]`],
    ['many marks in one text', `a: 1\n${'# ---\n'.repeat(20_000)}`],
  ])('reads %s in a time that grows with their number', (_name, text) => {
    const started = performance.now();
    read(text);
    // Comparing each with all takes 4 s.
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

const stopped = 'z: 0\n---\na: 1\n...\n\nb: 2\n---\nc: 3';

describe('core/yaml/read of streams', () => {
  it('divides at lines of --- alone, whatever they interrupt', () => {
    expect(stream('---\na: 1\n--- # c\nb: 2\n---\t\n---\nc: 3')).toEqual([
      { a: 1 },
      { b: 2 },
      null,
      { c: 3 },
    ]);
    expect(stream('a: 1\n--- b: 2\n---\nc: 3')).toEqual([
      { a: 1 },
      '2: is not valid YAML: text stands behind the separator ---; move it to the next line',
    ]);
    expect(stream('a: "b\n---\nc: 1')).toEqual([expect.stringMatching(/^1: is not valid YAML/), { c: 1 }]);
  });

  it('passes over byte order marks before any document', () => {
    expect(stream('\uFEFFa: 1\n---\n\uFEFF# c\nb: 2')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('reads JSON objects one after the other, and YAML after the first', () => {
    expect(stream('{"a": 1}{"b": "}\\""}\n\n{"c": 3}')).toEqual([{ a: 1 }, { b: '}"' }, { c: 3 }]);
    expect(stream('{"a": 1}\n---\nb: 2')).toEqual([{ a: 1 }, { b: 2 }]);
    expect(stream('{"a": 1}\nb: 2')).toEqual([{ a: 1 }, { b: 2 }]);
    expect(stream('{"a": 1}{"b": 2}\n---\nc: 3')).toEqual([
      { a: 1 },
      { b: 2 },
      '2: is not valid JSON: what follows the objects before is none; correct it',
    ]);
  });

  it('names the line of a fault in JSON', () => {
    expect(stream('{\n  "a": 1\n  "b": 2\n}')).toEqual([
      expect.stringMatching(/^3: is not valid YAML: a comma/),
    ]);
    expect(stream('{"a": 1}\n{"b": "\\ud800"}')).toEqual([{ a: 1 }, { b: '\uFFFD' }]);
  });

  it('says from which line on something is passed over behind the end of a document', () => {
    expect(readPartsUpToEnd('a: 1\n...\n# c\n...\n', 'manifests')).toEqual([{ line: 1, value: { a: 1 } }]);
    expect(readPartsUpToEnd(stopped, 'manifests')).toEqual([
      { line: 1, value: { z: 0 } },
      { line: 3, value: { a: 1 }, passedOver: 6 },
      { line: 8, value: { c: 3 } },
    ]);
    expect(readUpToEnd('\n{a: 1}\n\n{b: 2}', 'values')).toEqual({ value: { a: 1 }, passedOver: 4 });
    expect(readUpToEnd('a: 1\n---\nb: 2', 'values')).toEqual({ value: { a: 1 }, passedOver: 3 });
    expect(readUpToEnd('a: 1\n---\n# c\n', 'values')).toEqual({ value: { a: 1 } });
  });

  it('refuses such text with its line where nobody asks for it', () => {
    const problem =
      'stands behind the end of its document, where nothing is read; put --- before it, or remove it';
    expect(readDocuments(stopped, 'manifests')).toEqual([
      { line: 1, value: { z: 0 } },
      { line: 6, problem },
      { line: 8, value: { c: 3 } },
    ]);
    for (const text of ['a: 1\n...\nb: 2', 'a: 1\n\n---\nb: 2', '{a: 1}\n\n{b: 2}']) {
      expect(() => readDocument(text, 'own')).toThrow(new UnreadableError(problem, text.split('\n').length));
    }
    expect(readDocument('a: 1\n---\n# c\n...\n', 'own')).toEqual({ a: 1 });
  });

  it('gives each document the line of its content', () => {
    const lines = readDocuments('# c\n---\n\n# d\na: 1\n---\nb: 2\n', 'manifests').map(({ line }) => line);
    expect(lines).toEqual([1, 5, 7]);
  });

  it('refuses JSON that is nested too deeply', () => {
    const deep = `{"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(stream(`{"b": 1}\n${deep}`)).toEqual([{ b: 1 }, '2: is nested too deeply; flatten it']);
  });
});
