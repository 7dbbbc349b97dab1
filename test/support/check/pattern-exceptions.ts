/** A regular expression that the rule can't clear, for texts of a bounded length or for a reason of its own. */
export type PatternException = {
  readonly source: string;
  /** The most characters that it ever reads; what holds them to it is the reason. */
  readonly longest: number;
  readonly why: string;
};

/** What is left to be judged by people; each is run on hostile texts of its longest length like all others. */
export const patternExceptions: readonly PatternException[] = [
  {
    source: String.raw`(-?\d(?:\d{15}|[\d.]*[eE]\+?\d)[-+.\deE]*)|-?\d[-+.\deE]*`,
    longest: 100_000,
    why: 'what the first way reads in vain the second one takes whole, so that nothing is begun in it again',
  },
];
