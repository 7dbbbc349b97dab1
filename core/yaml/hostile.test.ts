import { describe, expect, it } from 'vitest';
import { readPartsUpToEnd, readUpToEnd } from './read.ts';
import { UnreadableError } from './unreadable.ts';

/** Texts of about as many characters as are asked for, each of a sort that is hard on some reader. */
const sorts: Readonly<Record<string, (size: number) => string>> = {
  'open lists': (size) => '['.repeat(size),
  'open maps': (size) => '{'.repeat(size),
  'maps in maps in brackets': (size) => `x: ${repeat('{a: ', size)}${repeat('}', size / 4)}`,
  'lists in lists of dashes': (size) => repeat('- ', size),
  'dashes deeper by line': (size) => stairs(size, '-'),
  'keys deeper by line': (size) => stairs(size, 'a:'),
  'question marks in a line': (size) => repeat('? ', size),
  'question marks by line': (size) => repeat('? a\n', size),
  'question marks in brackets': (size) => `{${repeat('? ', size)}`,
  'colons in a line': (size) => repeat(': ', size),
  'colons in brackets': (size) => `[${repeat('a:,', size)}b]`,
  'empty lists': (size) => repeat('- []\n', size),
  'lists in brackets': (size) => `[${repeat('[],', size)}]`,
  'pairs in brackets': (size) => `[${repeat('a: b,', size)}]`,
  'brackets that wait for a colon': (size) => repeat(`- [${'😀,'.repeat(500)}]\n`, size),
  'words that wait for a colon': (size) => repeat(`${'a '.repeat(600)}\n`, size),
  'a long key': (size) => `${'a'.repeat(size)}: 1`,
  'a long key in quotes': (size) => `"${'a'.repeat(size)}": 1`,
  'a long key with a question mark': (size) => `? ${'😀'.repeat(size / 2)}\n: 1`,
  'many keys': (size) => numbered(size, (at) => `k${at}: a\n`),
  'many numbers as keys': (size) => numbered(size, (at) => `${at * 7919}: a\n`),
  'many floats as keys': (size) => numbered(size, (at) => `1.${at}23e-5: a\n`),
  'equal keys': (size) => repeat('a: 1\n', size),
  'many anchors': (size) => numbered(size, (at) => `- &a${at} b\n- *a${at}\n`),
  'many aliases': (size) => `- &a b\n${repeat('- *a\n', size)}`,
  'aliases as keys': (size) => `a: &a b\nc: {${repeat('*a : 1,', size)}}`,
  'aliases of a long text': (size) => `a: &a ${'x'.repeat(size / 2)}\nc: [${repeat('*a,', size / 2)}]`,
  'aliases of aliases': (size) => chain(size, (at) => `[*a${at}]`),
  'merges of merges': (size) => chain(size, (at) => `{<<: *a${at}}`),
  'merges in merges': (size) => repeat('{<<: ', size) + repeat('}', size / 5),
  'many merges': (size) => `a: &a {b: 1}\nc:\n${repeat('  <<: *a\n', size)}`,
  'a merge of many': (size) => `a: &a {b: 1}\nc: {<<: [${repeat('*a,', size)}]}`,
  'an alias without a name': (size) => `- *${'-'.repeat(size)}`,
  'many tags': (size) => repeat('- !!str a\n', size),
  'tags alone': (size) => repeat('! ', size),
  'a long tag': (size) => `- !${'%41'.repeat(size / 3)} b`,
  'a long prefix of many tags': (size) =>
    `%TAG !x! ${'a'.repeat(size / 2)}\n---\n${repeat('- !x!a b\n', size / 2)}`,
  'many handles of tags': (size) => `${numbered(size, (at) => `%TAG !a${at}! b\n`)}---\na: 1`,
  'many versions': (size) => repeat('%YAML 1.1\n', size),
  'many percent signs': (size) => repeat('%\n', size),
  tabs: (size) => '\t'.repeat(size),
  'tabs behind a text': (size) => `a: b${'\t'.repeat(size)}`,
  'tabs in lines of a text': (size) => `a: b${repeat('\n \t', size)}c`,
  'tabs behind the end': (size) => `a: 1\n...\n${'\t'.repeat(size)}`,
  'blank lines': (size) => repeat(' \n', size),
  'separators of lines': (size) => '\u2028'.repeat(size),
  'separators of lines behind the end': (size) => `a: 1\n...\n${'\u2028'.repeat(size)}`,
  'carriage returns': (size) => '\r'.repeat(size),
  'an open double quote': (size) => `a: "${repeat('b ', size)}`,
  'an open single quote': (size) => `a: '${repeat('b\n ', size)}`,
  'single quotes': (size) => `a: ${"'".repeat(size)}`,
  'quotes by line': (size) => repeat('- "\n', size),
  'escapes in quotes': (size) => `a: "${repeat('\\x41', size)}"`,
  'escaped breaks': (size) => `a: "${repeat('\\\n', size)}"`,
  'backslashes in JSON': (size) => `{"a": "${'\\'.repeat(size)}"}`,
  'a long line': (size) => `a: ${'b'.repeat(size)}`,
  'a long comment': (size) => `a: 1 #${'b'.repeat(size)}`,
  comments: (size) => `a: 1\n${repeat('# ---\n', size)}`,
  'a text of many lines': (size) => `a: ${repeat('b\n ', size)}`,
  'a block of many lines': (size) => `a: |\n${repeat(' b\n', size)}`,
  'a folded block': (size) => `a: >\n${repeat(' b\n', size)}`,
  'a block of empty lines': (size) => `a: |\n${'\n'.repeat(size)}`,
  'many digits': (size) => `a: ${'1'.repeat(size)}`,
  'many digits of base 8': (size) => `a: 0${'7'.repeat(size)}`,
  'many digits with a tag': (size) => `a: !!int 0x${'0'.repeat(size)}f`,
  'many decimals': (size) => `? .${repeat('1_', size)}\n: 1`,
  'many digits in JSON': (size) => `{"a": ${'1'.repeat(size)}}`,
  'many bytes in base64': (size) => `a: !!binary ${repeat('aaaa', size)}`,
  'byte order marks': (size) => '\uFEFF'.repeat(size),
  'half a character at the end': (size) => `${'a'.repeat(size)}\ud800`,
};

/** Streams of many documents. */
const streams: Readonly<Record<string, (size: number) => string>> = {
  'short documents': (size) => repeat('a\n---\n', size),
  'empty documents': (size) => repeat('---\n', size),
  'broken documents': (size) => repeat(']\n---\n', size),
  'open quotes': (size) => repeat('"\n---\n', size),
  'documents with something behind their ends': (size) => repeat('a\n...\nb\n---\n', size),
  'JSON objects': (size) => repeat('{}\n', size),
  'JSON that does not end': (size) => `{}${repeat('{"a":', size)}`,
};

function repeat(part: string, size: number): string {
  return part.repeat(Math.ceil(size / part.length));
}

function numbered(size: number, part: (at: number) => string): string {
  return Array.from({ length: Math.ceil(size / part(1000).length) }, (_, at) => part(at)).join('');
}

function stairs(size: number, part: string): string {
  return Array.from({ length: Math.sqrt(2 * size) }, (_, at) => `${' '.repeat(at)}${part}\n`).join('');
}

function chain(size: number, part: (at: number) => string): string {
  return `a0: &a0 {b: 1}\n${numbered(size, (at) => `a${at + 1}: &a${at + 1} ${part(at)}\n`)}`;
}

/** Milliseconds that this process computes for the least of some readings; what else the machine does isn't in it. */
function cost(read: () => void): number {
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const before = process.cpuUsage();
      read();
      return process.cpuUsage(before).user / 1000;
    }),
  );
}

const [small, large] = [32_000, 128_000];
/** Four times the text takes about four times as long, and sixteen times as long where each part looks at all others. */
const mostTimes = 9;
/** Below this a clock tells nothing. */
const least = 3;

describe('core/yaml/read of hostile texts', () => {
  it.each(Object.entries(sorts))('takes a time that grows as the text does: %s', (_name, make) => {
    const [text, longer] = [make(small), make(large)];
    const before = cost(() => readOrRefuse(text));
    expect(cost(() => readOrRefuse(longer))).toBeLessThan(mostTimes * Math.max(before, least));
  });

  it.each(Object.entries(streams))('takes a time that grows as the stream does: %s', (_name, make) => {
    const [text, longer] = [make(small), make(large)];
    const before = cost(() => readPartsUpToEnd(text, 'manifests'));
    const after = cost(() => readPartsUpToEnd(longer, 'manifests'));
    expect(after).toBeLessThan(mostTimes * Math.max(before, least));
  });
});

function readOrRefuse(text: string): void {
  try {
    readUpToEnd(text, 'own');
  } catch (error) {
    // Either will do, but not that the stack is too small for it.
    expect(error).toBeInstanceOf(UnreadableError);
  }
}
