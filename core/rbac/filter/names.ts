import { formatJson } from '../../object/json/json.ts';

/** A pattern that the whole of a name is held against, in a form that databases know. */
export type NamePattern = {
  /** Itself, a pattern of LIKE, or a regular expression of POSIX with both ends anchored. */
  readonly by: 'equal' | 'like' | 'expression';
  readonly text: string;
};

/** Which names are meant, as a tree. */
export type Names =
  | 'all'
  | 'none'
  | { readonly fits: readonly NamePattern[] }
  | { readonly some: readonly Names[] }
  | { readonly every: readonly Names[] }
  | { readonly not: Names };

/** Names of which some are not told by patterns, so that each has to be decided on, are undefined. */
type Told = Names | undefined;

/** Names that fit at least one of these. */
export function someOf(list: readonly Told[]): Told {
  if (list.includes('all')) return 'all';
  const told = list.filter((one) => one !== undefined);
  if (told.length < list.length) return undefined;
  const flat = told.flatMap((one): readonly Names[] => (isTree(one) && 'some' in one ? one.some : [one]));
  const patterns = flat.flatMap((one) => (isTree(one) && 'fits' in one ? one.fits : []));
  const others = flat.filter((one) => one !== 'none' && !(isTree(one) && 'fits' in one));
  const fits: readonly Names[] = patterns.length === 0 ? [] : [{ fits: distinct(patterns) }];
  return single(distinct([...fits, ...others]), 'none', (some) => ({ some }));
}

/** Names that fit all of these. */
export function everyOf(list: readonly Told[]): Told {
  if (list.includes('none')) return 'none';
  const told = list.filter((one) => one !== undefined);
  if (told.length < list.length) return undefined;
  const flat = told.flatMap((one): readonly Names[] => (isTree(one) && 'every' in one ? one.every : [one]));
  return single(distinct(flat.filter((one) => one !== 'all')), 'all', (every) => ({ every }));
}

/** All names but these. */
export function otherThan(names: Told): Told {
  if (names === 'all') return 'none';
  if (names === 'none') return 'all';
  return names === undefined ? undefined : { not: names };
}

function isTree(names: Names): names is Exclude<Names, string> {
  return typeof names === 'object';
}

function single(list: readonly Names[], empty: Names, join: (list: readonly Names[]) => Names): Names {
  const [first = empty] = list;
  return list.length > 1 ? join(list) : first;
}

/** Each of them once, in one order: what means the same comes out the same. */
function distinct<T>(list: readonly T[]): T[] {
  const byText = new Map(list.map((one) => [formatJson(one), one]));
  return [...byText].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, one]) => one);
}

/** How many patterns a tree has, and how long they are together. */
export function sizeOf(names: Names): { readonly patterns: number; readonly characters: number } {
  if (typeof names === 'string') return { patterns: 0, characters: 0 };
  if ('fits' in names) {
    const characters = names.fits.reduce((sum, { text }) => sum + text.length, 0);
    return { patterns: names.fits.length, characters };
  }
  const parts = 'not' in names ? [names.not] : 'some' in names ? names.some : names.every;
  return parts.map(sizeOf).reduce(
    (sum, one) => ({
      patterns: sum.patterns + one.patterns,
      characters: sum.characters + one.characters,
    }),
    { patterns: 0, characters: 0 },
  );
}
