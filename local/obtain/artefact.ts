/**
 * What something is obtained for: `npm start`, the suite, the benchmarks, or a worker (and the image) that renders and
 * needs nothing else.
 */
export const purposes = ['start', 'test', 'bench', 'render'] as const;
export type Purpose = (typeof purposes)[number];

/** How an entry of the list tells how far it is, and learns that it has to stop. */
export type Obtaining = {
  /** Aborted when the whole list is given up; nothing may be left running or half-built then. */
  readonly signal: AbortSignal;
  /** A phrase that stays, such as `built in 64 s`. */
  say(phrase: string): void;
  /** A phrase that the next one replaces, such as `34 of 61 MB`. */
  progress(phrase: string): void;
};

/** One thing that this machine needs and that no npm package brings: a program, or a module that Go builds. */
export type Artefact = {
  readonly name: string;
  /** Name, version and why, for people: `helm 3.22.0 (renders Helm charts)`. */
  readonly title: string;
  readonly neededFor: readonly Purpose[];
  /** Where it can't be had work goes on without it; what needs it says so then. */
  readonly optional: boolean;
  /** Entries of one family share most of their work and are therefore obtained one after the other. */
  readonly family: string;
  /** What the slowest way took on two cores; only for telling people what to expect. */
  readonly expectedSeconds: number;
  /** Its absolute path if it is there; never takes longer than asking a program for its version. */
  find(): Promise<string | undefined>;
  /** Downloads, builds or installs it, which may take minutes, and answers with its path. */
  obtain(how: Obtaining): Promise<string>;
};
