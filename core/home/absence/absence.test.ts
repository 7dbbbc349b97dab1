import { describe, expect, it } from 'vitest';
import { closableOf, type Findings, judgeAbsence, type Presence } from './absence.ts';

const presences: readonly Presence[] = ['there', 'missing', 'unreadable'];
const looks = presences.flatMap((object) =>
  presences.flatMap((definition) =>
    presences.map((namespace): Findings => ({ object, definition, namespace })),
  ),
);

describe('an object that a list lacks', () => {
  it.each(looks)('object $object, definition $definition, namespace $namespace', (look) => {
    const others = look.definition === 'there' && look.namespace === 'there';
    const expected =
      look.object === 'there'
        ? undefined
        : look.object === 'missing' && others
          ? 'Detached'
          : 'HomeClusterUnavailable';
    expect(judgeAbsence(look)).toBe(expected);
  });
});

describe('rows of missing objects close', () => {
  const minute = 60_000;
  const missing = (count: number, namespace = 'a', since = 0) =>
    Array.from({ length: count }, (_, at) => ({ id: `${namespace}${at}`, namespace, since }));

  it.each([
    ['five of five', missing(5), { a: 5 }, 5],
    ['six of twelve stay', missing(6), { a: 12 }, 0],
    ['six of thirteen', missing(6), { a: 13 }, 6],
    ['six of six stay, however many live elsewhere', missing(6), { a: 6, b: 1000 }, 0],
    [
      'few of each namespace, and half of all: they stay',
      [...missing(4), ...missing(4, 'b')],
      { a: 8, b: 8 },
      0,
    ],
    ['those of one namespace that has few missing', [...missing(7), ...missing(2, 'b')], { a: 7, b: 20 }, 2],
    ['none before its time', missing(1, 'a', 1), { a: 5 }, 0],
  ])('%s', (_, all, counts, expected) => {
    expect(closableOf(all, new Map(Object.entries(counts)), 10 * minute, 10 * minute)).toHaveLength(expected);
  });
});
