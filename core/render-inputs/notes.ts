/** What an analysis finds out beside the files that a render reads. */
export type Notes = {
  /** Something is fetched from this address: it may change while the tree stays the same. */
  remote(address: string): void;
  /** A function in this template gives another value each time. */
  random(path: string): void;
  /** The render depends on the versions of the destination cluster. */
  cluster(): void;
};

/** What was noted, in the order of mention. */
export type Noted = {
  readonly remote: readonly string[];
  readonly random: readonly string[];
  readonly cluster: boolean;
};

export function takeNotes(): Notes & { noted(): Noted } {
  const remote = new Set<string>();
  const random = new Set<string>();
  let cluster = false;
  return {
    remote: (address) => void remote.add(address),
    random: (path) => void random.add(path),
    cluster: () => {
      cluster = true;
    },
    noted: () => ({ remote: [...remote], random: [...random], cluster }),
  };
}
