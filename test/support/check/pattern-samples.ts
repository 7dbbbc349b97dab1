import { type AST, RegExpParser } from '@eslint-community/regexpp';
import type { Random } from '../random/random.ts';

/** One of the ways through a pattern, as the parts that stand in it one after another. */
export type Way = readonly AST.Element[];

/** A pattern taken apart. */
export type ParsedPattern = { readonly ways: readonly Way[]; readonly isSearched: boolean };

/** Every way through a pattern and its groups; `isSearched` when a match may begin anywhere. */
export function parsePattern(source: string, flags: string): ParsedPattern {
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, {
    unicode: flags.includes('u'),
    unicodeSets: flags.includes('v'),
  });
  const anchored = pattern.alternatives.every(
    ({ elements: [first] }) => first?.type === 'Assertion' && first.kind === 'start',
  );
  return {
    ways: waysOf(pattern.alternatives),
    isSearched: !flags.includes('y') && (!anchored || flags.includes('m')),
  };
}

function waysOf(alternatives: readonly AST.Alternative[]): Way[] {
  return alternatives.flatMap(({ elements }) => [elements, ...elements.flatMap(inner)]);
}

function inner(element: AST.Element): Way[] {
  if (element.type === 'Quantifier') return inner(element.element);
  if (element.type === 'Group' || element.type === 'CapturingGroup') return waysOf(element.alternatives);
  if (element.type === 'Assertion' && 'alternatives' in element) return waysOf(element.alternatives);
  return [];
}

/** Whether anything in a way may be repeated. */
export function repeats(way: Way): boolean {
  return way.some((element) => element.type === 'Quantifier' && element.max > 1);
}

const candidates = [...' \t\n\r\u0000\u2028é😀!"#$%&\'()*+,-./059:;<=>?@AZ[\\]^_`aeflmstuxz{|}~'];
const known = new Map<string, readonly string[]>();

/** A text that the parts of a way may stand for. */
export function sampleOf(elements: Way, flags: string, random: Random): string {
  return elements.map((element) => sampleOfOne(element, flags, random)).join('');
}

function sampleOfOne(element: AST.Element, flags: string, random: Random): string {
  switch (element.type) {
    case 'Quantifier': {
      const most = Math.min(element.max, element.min + 2);
      const count = Math.max(element.min, Math.min(most, Math.floor(random() * (most + 1))));
      return Array.from({ length: count }, () => sampleOfOne(element.element, flags, random)).join('');
    }
    case 'Group':
    case 'CapturingGroup': {
      const { elements } = pick(element.alternatives, random) ?? { elements: [] };
      return sampleOf(elements, flags, random);
    }
    case 'Character':
      return String.fromCodePoint(element.value);
    case 'CharacterClass':
    case 'CharacterSet':
      return pick(charactersOf(element.raw, flags), random) ?? '';
    default:
      return '';
  }
}

/** The characters of a choice that a class takes. */
function charactersOf(raw: string, flags: string): readonly string[] {
  const key = `${flags} ${raw}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const pattern = new RegExp(`^${raw}$`, flags.replace(/[gy]/g, ''));
  const characters = candidates.filter((one) => pattern.test(one));
  known.set(key, characters);
  return characters;
}

function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list[Math.floor(random() * list.length)];
}
