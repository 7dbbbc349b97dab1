/**
 * A decision that needs the contents of files: it asks for paths, is resumed with what they contain, and returns its
 * result. So it does no I/O itself, and whoever runs it reads all files of one request at once.
 */
export type FileRequests<Result> = Generator<readonly string[], Result, ReadonlyMap<string, string>>;

/** Asks for the contents of files. */
export function* requestFiles(paths: readonly string[]): FileRequests<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map();
  return yield paths;
}
