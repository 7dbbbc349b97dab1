/**
 * A decision that may need the contents of files: it asks for paths and is given what they contain, until it ends. So it
 * stays free of I/O, and whoever runs it reads many files at once.
 */
export type Reading<Result> = Generator<readonly string[], Result, ReadonlyMap<string, string>>;

/** Asks for the contents of files. */
export function* read(paths: readonly string[]): Reading<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map();
  return yield paths;
}
