import { remember } from '../../remember.ts';
import { type Glob, tryPattern } from '../../text/glob.ts';

/**
 * A pattern for kinds, groups and names of objects, as file paths have them: `*`, `?`, classes with `^` for those left
 * out, a backslash before what is meant as it is; no braces. Undefined when it can't be read.
 */
export function kindPattern(pattern: string): Glob | undefined {
  const glob = asGlob(pattern);
  return glob === undefined ? undefined : tryPattern(glob, '/');
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

const compiled = remember<Glob | undefined>(10_000);

/** Whether a text fits a pattern of a list of kinds; undefined when the pattern can't be read. */
export function fitsKindPattern(pattern: string, text: string): boolean | undefined {
  return compiled(pattern, () => kindPattern(pattern))?.test(text);
}
