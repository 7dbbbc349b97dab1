import { KeelsonError } from '../errors.ts';
import { remember } from '../remember.ts';
import { type GlobPart, readGlob, requireLength, takes } from './glob-parts.ts';

/** A pattern that whole texts are held against, in time that grows with their length and no faster. */
export type Glob = { test(text: string): boolean };

/** One place in a pattern: the character it takes and where that leads, and where it leads without one. */
type State = {
  readonly takes?: (character: string) => boolean;
  readonly next?: number;
  readonly free: number[];
};

/**
 * A glob as the source options use it: `*` matches anything, `/` included; `?` one character; `[a-z]` and `[!a-z]` a
 * class; `{a,b}` either; a backslash takes the next character as it is. With a separator, `*` and `?` stop at it and `**`
 * crosses it. Throws `invalid-argument` when it can't be read.
 */
export function globPattern(glob: string, separator = ''): Glob {
  requireLength(glob);
  if (separator === '' && !/[?[{\\]/.test(glob)) return starPattern(glob.split('*'));
  const states: State[] = [{ free: [] }];
  const start = addParts({ states, separator }, readGlob(glob), 0);
  return { test: (text) => matches(states, start, text) };
}

/**
 * What stands between asterisks, found from left to right: a policy's globs are of this form, and are tried by the
 * thousand where following states would take a hundred times as long.
 */
function starPattern(pieces: readonly string[]): Glob {
  const [first = '', ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return { test: (text) => text === first };
  return {
    test: (text) => {
      if (!text.startsWith(first)) return false;
      let at = first.length;
      for (const piece of others) {
        const found = text.indexOf(piece, at);
        if (found === -1) return false;
        at = found + piece.length;
      }
      return text.length - last.length >= at && text.endsWith(last);
    },
  };
}

/** The states of a pattern, and what its wildcards stop at. */
type Building = { readonly states: State[]; readonly separator: string };

/** Adds the states of parts that lead to a state; answers with the first of them. */
function addParts(building: Building, parts: readonly GlobPart[], end: number): number {
  return parts.reduceRight((next, part) => addPart(building, part, next), end);
}

function addPart(building: Building, part: GlobPart, next: number): number {
  const { states, separator } = building;
  const added = states.length;
  const within = (character: string): boolean => character !== separator;
  if (part === '**') states.push({ takes: () => true, next: added, free: [next] });
  else if (part === '*') states.push({ takes: within, next: added, free: [next] });
  else if (part === '?') states.push({ takes: within, next, free: [] });
  else if (!('either' in part)) states.push({ takes: (character) => takes(part, character), next, free: [] });
  else {
    const free: number[] = [];
    states.push({ free });
    for (const parts of part.either) free.push(addParts(building, parts, next));
  }
  return added;
}

/** Follows all ways through the pattern at once, each state once for each character. */
function matches(states: readonly State[], start: number, text: string): boolean {
  /** The character at which a state was last reached, counted from 1. */
  const reachedAt = new Uint32Array(states.length);
  let reached: number[] = [];
  let at = 1;
  const reach = (number: number): void => {
    if (reachedAt[number] === at) return;
    reachedAt[number] = at;
    reached.push(number);
    for (const one of states[number]?.free ?? []) reach(one);
  };
  reach(start);
  for (const character of text) {
    const before = reached;
    reached = [];
    at += 1;
    for (const number of before) {
      const state = states[number];
      if (state?.next !== undefined && state.takes?.(character) === true) reach(state.next);
    }
    if (reached.length === 0) return false;
  }
  return reachedAt[0] === at;
}

// Globs come from settings and a few fields of specs.
const compiled = remember<Glob | undefined>(10_000);

/** Whether a text matches a glob, of parts if there is a separator; a glob that can't be read matches nothing. */
export function matchesGlob(glob: string, text: string, separator = ''): boolean {
  return glob === text || compile(glob, separator)?.test(text) === true;
}

/** Whether a text can be read as a glob. */
export function isGlob(text: string): boolean {
  return compile(text) !== undefined;
}

function compile(glob: string, separator = ''): Glob | undefined {
  return compiled(`${separator.length}${separator}${glob}`, () => tryPattern(glob, separator));
}

/** The same as `globPattern`; undefined for a glob that can't be read. */
export function tryPattern(glob: string, separator = ''): Glob | undefined {
  try {
    return globPattern(glob, separator);
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    // Safe: the caller is told that this is no glob.
    return undefined;
  }
}
