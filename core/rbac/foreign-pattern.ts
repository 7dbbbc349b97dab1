import { RE2JS, RE2JSSyntaxException } from 're2js';
import { remember } from '../remember.ts';
import type { Glob } from '../text/glob.ts';

/** Longest expression: the time of a match grows with expression times text. */
const longest = 1024;

const compiled = remember<Glob | undefined>(10_000);

/**
 * A regular expression of a user, in RE2's syntax, found anywhere in a text in time that grows with its length and no
 * faster; undefined when it can't be read.
 */
export function foreignPattern(expression: string): Glob | undefined {
  return compiled(expression, () => compile(expression));
}

function compile(expression: string): Glob | undefined {
  if (expression.length > longest) return undefined;
  try {
    const pattern = RE2JS.compile(expression);
    return { test: (text) => pattern.test(text) };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    // Safe: the caller is told that this is no expression.
    return undefined;
  }
}
