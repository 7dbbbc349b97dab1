import { type CharacterClass, type GlobPart, readGlob, takes } from '../../text/glob-parts.ts';
import { type NamePattern, type Names, someOf } from './names.ts';

/** A part of a glob that has no alternatives. */
type Atom = Exclude<GlobPart, { readonly either: unknown }>;

/** Globs without alternatives that one with them stands for; more are not worth their patterns. */
const mostAlternatives = 64;

/**
 * Which texts a glob takes after a beginning, as patterns; undefined where it stands for too many. With an object such as
 * `team/web` the beginning is its project and the slash, and the rest its name.
 */
export function restOfGlob(glob: string, beginning: string): Names | undefined {
  const alternatives = expand(readGlob(glob));
  if (alternatives === undefined) return undefined;
  return someOf(alternatives.flatMap((atoms) => restsOf(atoms, beginning)).map(namesOf));
}

/** What the parts stand for without alternatives. */
function expand(parts: readonly GlobPart[]): Atom[][] | undefined {
  let made: Atom[][] = [[]];
  for (const part of parts) {
    const choices = isChoice(part) ? expandAll(part.either) : [[part]];
    if (choices === undefined || made.length * choices.length > mostAlternatives) return undefined;
    made = made.flatMap((before) => choices.map((choice) => [...before, ...choice]));
  }
  return made;
}

function expandAll(either: readonly (readonly GlobPart[])[]): Atom[][] | undefined {
  const all: Atom[][] = [];
  for (const parts of either) {
    const expanded = expand(parts);
    if (expanded === undefined) return undefined;
    all.push(...expanded);
  }
  return all;
}

function isChoice(part: GlobPart): part is Extract<GlobPart, { readonly either: unknown }> {
  return typeof part === 'object' && 'either' in part;
}

const isStar = (atom: Atom | undefined): boolean => atom === '*' || atom === '**';

/** What is left of a glob once it has taken a beginning: it may have taken it in several ways. */
function restsOf(atoms: readonly Atom[], beginning: string): Atom[][] {
  let reached = new Set<number>();
  const reach = (into: Set<number>, at: number): void => {
    into.add(at);
    // An asterisk may take nothing.
    if (isStar(atoms[at])) reach(into, at + 1);
  };
  reach(reached, 0);
  for (const character of beginning) {
    const next = new Set<number>();
    for (const at of reached) {
      const atom = atoms[at];
      if (atom === undefined) continue;
      if (isStar(atom)) reach(next, at);
      else if (atom === '?' || (typeof atom === 'object' && takes(atom, character))) reach(next, at + 1);
    }
    reached = next;
  }
  return (
    [...reached]
      // With an asterisk before it, it takes all of this and more.
      .filter((at) => !(isStar(atoms[at - 1]) && reached.has(at - 1)))
      .map((at) => atoms.slice(at))
  );
}

function namesOf(atoms: readonly Atom[]): Names {
  if (atoms.length === 1 && isStar(atoms[0])) return 'all';
  // Stored names have no such characters, and a database can't be asked for them.
  if (atoms.some((atom) => typeof atom === 'object' && 'is' in atom && isUnstorable(atom.is))) return 'none';
  return { fits: [patternOf(atoms)] };
}

function patternOf(atoms: readonly Atom[]): NamePattern {
  if (atoms.some((atom) => typeof atom === 'object' && 'of' in atom)) {
    return { by: 'expression', text: `^${atoms.map(inExpression).join('')}$` };
  }
  const isPlain = atoms.every((atom) => typeof atom === 'object');
  const inForm = isPlain ? plain : inLike;
  return { by: isPlain ? 'equal' : 'like', text: atoms.map(inForm).join('') };
}

function plain(atom: Atom): string {
  return typeof atom === 'object' && 'is' in atom ? atom.is : '';
}

function inLike(atom: Atom): string {
  if (isStar(atom)) return '%';
  return atom === '?' ? '_' : plain(atom).replace(/[\\%_]/, '\\$&');
}

function inExpression(atom: Atom): string {
  if (isStar(atom)) return '.*';
  if (atom === '?') return '.';
  if (typeof atom !== 'object') return '';
  return 'of' in atom ? classText(atom.of) : codeText(atom.is.codePointAt(0) ?? 0);
}

function classText({ ranges, negated }: CharacterClass): string {
  // A negated class of nothing takes everything.
  if (ranges.length === 0) return '.';
  const texts = ranges.map(([from, to]) =>
    from === to ? codeText(from) : `${codeText(from)}-${codeText(to)}`,
  );
  return `[${negated ? '^' : ''}${texts.join('')}]`;
}

/** A character by its number, which has no meaning of its own anywhere in an expression. */
function codeText(code: number): string {
  return `\\U${Math.max(code, 1).toString(16).padStart(8, '0')}`;
}

function isUnstorable(character: string): boolean {
  return character === '\0' || !character.isWellFormed();
}
