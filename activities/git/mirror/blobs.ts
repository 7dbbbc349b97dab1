import type { Remote } from '../access/remote.ts';
import { type GitSetting, runGit } from '../run/command.ts';
import { isMissingCommit, remoteFailure } from '../run/failure.ts';
import { mirrorVariable } from '../run/stop.ts';

export type FetchTarget = {
  readonly dir: string;
  readonly configuration: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
};

/** Those of the blobs that a mirror doesn't have. */
export async function missingBlobs(
  setting: GitSetting,
  dir: string,
  oids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const present = await blobSizes(setting, dir, oids, signal);
  return [...new Set(oids)].filter((oid) => !present.has(oid));
}

/** The sizes of those blobs that a mirror has. */
export async function blobSizes(
  setting: GitSetting,
  dir: string,
  oids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, number>> {
  if (oids.length === 0) return new Map();
  const checked = await runGit(setting, {
    args: ['cat-file', '--batch-check=%(objectname) %(objectsize)', '--buffer'],
    cwd: dir,
    input: `${[...new Set(oids)].join('\n')}\n`,
    signal,
  });
  // Of one that is not there it writes `<id> missing`.
  const lines = checked.stdout.split('\n').filter((line) => /^\S+ \d+$/.test(line));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(' ')), Number(line.slice(line.indexOf(' ') + 1))]),
  );
}

/**
 * Fetches blobs by their ids in one request. A server that left them out but hands out only what it advertises is
 * asked for the commit again with all its files.
 */
export async function fetchBlobs(
  setting: GitSetting,
  target: FetchTarget,
  remote: Remote,
  sha: string,
  oids: readonly string[],
): Promise<void> {
  const fetch = (args: readonly string[], input: string) =>
    runGit(setting, {
      args: ['fetch', '--no-tags', '--no-write-fetch-head', ...args, '--stdin', 'origin'],
      cwd: target.dir,
      // There is no history to compare: blobs have none.
      configuration: { ...target.configuration, 'fetch.negotiationAlgorithm': 'noop' },
      variables: { [mirrorVariable]: target.dir },
      input,
      remote,
      signal: target.signal,
    });
  const some = await fetch(['--filter=blob:none'], `${oids.join('\n')}\n`);
  if (some.exitCode === 0) return;
  if (!isMissingCommit(some.stderr)) throw remoteFailure(remote, some.stderr);
  const all = await fetch(['--refetch', '--no-filter', '--depth=1'], `${sha}\n`);
  if (all.exitCode !== 0) throw remoteFailure(remote, all.stderr);
}
