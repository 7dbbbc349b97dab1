import { distance } from 'fastest-levenshtein';

/** The known word that somebody may have meant; undefined when none is like what was written. */
export function nearestWord(written: string, known: readonly string[]): string | undefined {
  const lower = written.toLowerCase();
  // A third of the word, which is what a slip or two come to; more is another word.
  let least = Math.max(1, Math.floor(written.length / 3)) + 1;
  let found: string | undefined;
  for (const word of known) {
    const steps = distance(lower, word.toLowerCase());
    if (steps >= least) continue;
    least = steps;
    found = word;
  }
  return found;
}
