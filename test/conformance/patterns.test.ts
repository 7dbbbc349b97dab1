import { describe, expect, it } from 'vitest';
import { patternExceptions } from '../support/check/pattern-exceptions.ts';
import { patternFault } from '../support/check/pattern-rule.ts';
import { parsePattern, repeats, sampleOf, type Way } from '../support/check/pattern-samples.ts';
import { patternFiles, patternsOf, type SourcePattern } from '../support/check/patterns.ts';
import { type Random, randomFrom } from '../support/random/random.ts';
import { seedsOf } from '../support/random/seeds.ts';

const length = 100_000;
const mostMilliseconds = 50;
const textsOfEach = 40;
const endings = ['', '\u0000', '\n', '-', '/'];

/** Texts that begin as a pattern does, repeat one stretch of it and end as it doesn't. */
function* hostileTexts(ways: readonly Way[], flags: string, longest: number, random: Random) {
  for (let count = 0; count < textsOfEach; count += 1) {
    const way = ways[Math.floor(random() * ways.length)] ?? [];
    const from = Math.floor(random() * way.length);
    const to = from + 1 + Math.floor(random() * (way.length - from));
    const word = sampleOf(way.slice(from, to), flags, random);
    if (word === '') continue;
    const prefix = random() < 0.5 ? '' : sampleOf(way.slice(0, from), flags, random);
    const ending = endings[Math.floor(random() * endings.length)] ?? '';
    yield prefix + word.repeat(Math.ceil(longest / word.length)) + ending;
  }
}

/** Processor time of all matches in a text. */
function timeOf(pattern: RegExp, text: string): number {
  const before = process.cpuUsage();
  for (const _ of text.matchAll(pattern));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The texts of a pattern that take too long; the shorter of two times counts, as the first may compile the pattern. */
function slowTexts({ at, source, flags }: SourcePattern, random: Random): string[] {
  const longest = patternExceptions.find((one) => one.source === source)?.longest ?? length;
  const { ways } = parsePattern(source, flags);
  const pattern = new RegExp(source, flags.includes('g') ? flags : `${flags}g`);
  const slow: string[] = [];
  for (const text of hostileTexts(ways, flags, longest, random)) {
    if (timeOf(pattern, text) <= mostMilliseconds || timeOf(pattern, text) <= mostMilliseconds) continue;
    slow.push(`${at}: /${source}/${flags} on ${JSON.stringify(text.slice(0, 60))}...`);
    break;
  }
  return slow;
}

const repeating = patternFiles()
  .flatMap((file) => patternsOf(file).patterns)
  .filter(({ source, flags }) => parsePattern(source, flags).ways.some(repeats));

describe('regular expressions of the source', () => {
  it('are found', () => {
    expect(repeating.length).toBeGreaterThan(100);
  });

  it.each(seedsOf('test/conformance/patterns', 20_261_130))(
    'take less than 50 ms for 100 kB of any hostile text: seed %i',
    { timeout: 120_000 },
    (seed) => {
      const random = randomFrom(seed);
      expect(repeating.flatMap((one) => slowTexts(one, random))).toEqual([]);
    },
  );
});

describe('the rule for regular expressions', () => {
  it.each([
    ['\\/+$', ''],
    ['(a+)+$', ''],
    ['^([+-]?)((?:(?:\\d+\\.?\\d*|\\.\\d+)(?:ns|s|m|h))+)$', ''],
    ['host key for .* has changed', 'i'],
    ['-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]+-----END', ''],
    ['^[^\\S\\r\\n]*[^\\s#]', 'm'],
    ['values[^/]*\\.ya?ml$', ''],
    ['\\s*(\\d+)\\s*,?\\s*$', ''],
  ])('refuses /%s/%s', (source, flags) => {
    expect(patternFault(source, flags)).toBeDefined();
  });

  it.each([
    ['^\\/+', ''],
    ['\\s+', ''],
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', ''],
    ['host key for .{0,300} has changed', 'i'],
    ['^fatal error: .*$', 'm'],
    ['[^\\S\\n]*\\n?', 'y'],
  ])('takes /%s/%s', (source, flags) => {
    expect(patternFault(source, flags)).toBeUndefined();
  });
});
