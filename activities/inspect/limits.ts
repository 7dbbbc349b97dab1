/** Entries of one list in an answer: Temporal carries 2 MB at most, and no form shows more. */
const mostEntries = 5000;

/** The first entries of a list, as many as an answer holds. */
export function onlyFirst<Entry>(entries: readonly Entry[]): readonly Entry[] {
  return entries.length > mostEntries ? entries.slice(0, mostEntries) : entries;
}

/** Characters of one text in an answer. */
const longestText = 300_000;

/** A text, or nothing when it is longer than an answer holds. */
export function ifShort(text: string): string {
  return text.length > longestText ? '' : text;
}
