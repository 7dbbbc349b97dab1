import { KeelsonError } from '../errors.ts';
import { type Glob, globPattern } from '../glob.ts';

/**
 * A pattern for kinds, groups and names of objects, as file paths have them: `*`, `?`, classes with `^` for those left
 * out, a backslash before what is meant as it is; no braces. Undefined when it can't be read.
 */
export function kindPattern(pattern: string): Glob | undefined {
  const glob = asGlob(pattern);
  if (glob === undefined) return undefined;
  try {
    return globPattern(glob, '/');
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    // Safe: the caller is told that this is no pattern.
    return undefined;
  }
}

/** Neither kinds nor names have what would have to be escaped in a class. */
const readable = /^(?:\[\^?[^\]\\![^{},]+\]|\\.|[^[\\])*$/s;

/** The same in the words of globs. */
function asGlob(pattern: string): string | undefined {
  if (!readable.test(pattern)) return undefined;
  return pattern.replace(/\\.|\[\^|\*+|[{},]/gs, (part) => {
    if (part.startsWith('\\')) return part;
    if (part.startsWith('*')) return '*';
    return part === '[^' ? '[!' : `\\${part}`;
  });
}

const compiled = new Map<string, Glob | undefined>();

/** Whether a text fits a pattern of a list of kinds; undefined when the pattern can't be read. */
export function fitsKindPattern(pattern: string, text: string): boolean | undefined {
  if (!compiled.has(pattern)) {
    // Patterns come from projects; the bound is for a caller that makes them up.
    if (compiled.size >= 10_000) compiled.clear();
    compiled.set(pattern, kindPattern(pattern));
  }
  return compiled.get(pattern)?.test(text);
}
