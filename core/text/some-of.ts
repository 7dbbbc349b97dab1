/** How words are listed, and of how many they are. */
type Listing = {
  /** What stands between two of them; a list of sentences takes `; `. */
  readonly by?: ', ' | '; ';
  /** How many there are in all, where the given ones are not all. */
  readonly of?: number;
};

/** The first words of a list and how many more there are: `a, b and 3 more`, or `a; b; and 3 more`. */
export function someOf(words: readonly string[], most: number, listing: Listing = {}): string {
  const { by = ', ', of = words.length } = listing;
  const shown = words.slice(0, most);
  const rest = of - shown.length;
  if (rest <= 0) return shown.join(by);
  // Sentences end before the count, which would belong to the last of them otherwise.
  const joint = by === ', ' ? ' ' : by;
  return `${shown.join(by)}${joint}${restOf(rest)}`;
}

/** The words for what a list leaves out. */
export function restOf(count: number): string {
  return `and ${count} more`;
}
