import fc from 'fast-check';
import { yamlSnippets } from './yaml-snippets.ts';

/** What means something in YAML, or looks as if it did. */
const bits = [
  ...['\n', '\n\n', '\n ', '\n  ', ' ', '  ', '\t', '\r', '\r\n', '\u0085', '\u2028', '\u2029', '\\\n'],
  ...[
    ':',
    ': ',
    ':\n',
    '- ',
    '-\n',
    '-',
    '? ',
    '?',
    '[',
    ']',
    '{',
    '}',
    '[]',
    '{}',
    ',',
    ',\n',
    '#',
    ' #',
    '#\n',
  ],
  ...[
    '&a ',
    '*a',
    '*a ',
    '<<',
    '<<: ',
    '!',
    '! ',
    '!!str ',
    '!!int ',
    '!!float ',
    '!!null ',
    '!<x> ',
    '!x!y ',
  ],
  ...['|\n', '>\n', '|-\n', '>+\n', '|2-\n', "'", '"', "''", '""', '\\', '\\n', '\\x41', '%', '@', '`'],
  ...['---\n', '--- ', '...\n', '%YAML 1.1\n', '%TAG ! x\n'],
  ...['a', 'b: 1', '0', '01', '0x1', '1e3', '.5', '-', '+', '_', '~', 'null', 'yes', '2001-01-01', 'é', '😀'],
];

/** What is known to be read otherwise is so when something is changed in it, too. */
const texts = yamlSnippets('documents').flatMap(({ text, fill, here }) =>
  fill === undefined && here === undefined ? [text] : [],
);

type Edit = {
  readonly kind: 'cut' | 'insert' | 'graft' | 'repeat';
  readonly at: number;
  readonly to: number;
  readonly length: number;
  readonly bit: string;
  readonly other: string;
};

const edits: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('cut', 'insert', 'insert', 'graft', 'repeat'),
  at: fc.nat(),
  to: fc.nat(),
  length: fc.integer({ min: 1, max: 12 }),
  bit: fc.constantFrom(...bits),
  other: fc.constantFrom(...texts),
});

/** A text with something taken out of it, put into it, or repeated in it. */
function edited(text: string, { kind, at, to, length, bit, other }: Edit): string {
  const place = at % (text.length + 1);
  const [before, after] = [text.slice(0, place), text.slice(place)];
  if (kind === 'cut') return before + after.slice(length % 4);
  if (kind === 'insert') return before + bit + after;
  const from = to % ((kind === 'graft' ? other : text).length + 1);
  return before + (kind === 'graft' ? other : text).slice(from, from + length) + after;
}

/** A byte order mark inside a text makes Go's reader lose characters, by where it refills its buffer. */
const isTold = (text: string): boolean => !text.includes('\uFEFF');

const randomText = fc
  .tuple(fc.constantFrom(...texts), fc.array(edits, { minLength: 1, maxLength: 3 }))
  .map(([text, all]) => all.reduce(edited, text).toWellFormed())
  .filter(isTold);

/** Snippets of YAML with a few random changes each. */
export function randomYaml(seed: number, count: number): string[] {
  return fc.sample(randomText, { seed, numRuns: count });
}
