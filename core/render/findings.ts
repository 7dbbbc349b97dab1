/** What a renderer's analysis says beside the files that a render reads. */
export type Findings = {
  /** The render fetches something from this address, which may change while the tree stays the same. */
  remote(address: string): void;
  /** A function in this template gives another value each time. */
  random(path: string): void;
  /** The render depends on the versions of the destination cluster. */
  cluster(): void;
  /** The render is told its revision, whether the source mentions it or not. */
  revision(): void;
  /** The render depends on the plugin files of the settings. */
  plugins(): void;
};

/** What was found, in the order of mention. */
export type Found = {
  readonly remote: readonly string[];
  readonly random: readonly string[];
  readonly cluster: boolean;
  readonly revision: boolean;
  readonly plugins: boolean;
};

/** Collects the findings of one analysis. */
export function collectFindings(): Findings & { found(): Found } {
  const remote = new Set<string>();
  const random = new Set<string>();
  const flags = { cluster: false, revision: false, plugins: false };
  const raise = (flag: keyof typeof flags) => (): void => {
    flags[flag] = true;
  };
  return {
    remote: (address) => void remote.add(address),
    random: (path) => void random.add(path),
    cluster: raise('cluster'),
    revision: raise('revision'),
    plugins: raise('plugins'),
    found: () => ({ remote: [...remote], random: [...random], ...flags }),
  };
}
