import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../../core/errors.ts';
import { mirrorName, type Remote } from '../access/remote.ts';
import { type GitSetting, runGit } from '../run/command.ts';
import { isMissingCommit, remoteFailure } from '../run/failure.ts';
import { mirrorVariable } from '../run/stop.ts';
import { fetchBlobs, missingBlobs } from './blobs.ts';
import { exists, removeMirror } from './mirror-files.ts';
import { prepare, recorded } from './prepare.ts';

/**
 * One repository's objects on disk. It has the trees of the commits that were asked for and of the files only those
 * that were: where the server can leave out the rest, a large repository costs what is read of it. Nothing is
 * collected while somebody reads, so readers need no lock.
 */
export type Mirror = {
  readonly dir: string;
  /** Fetches a commit and its trees if they are not here yet; says whether the server was asked. */
  ensure(sha: string, signal?: AbortSignal): Promise<'fetched' | 'present'>;
  /** Fetches those of the blobs that are not here yet. */
  ensureBlobs(sha: string, oids: readonly string[], signal?: AbortSignal): Promise<void>;
  /** The same for blobs that were just not here. */
  fetchBlobs(sha: string, oids: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Fetches what a ref leads to now, with the tag object if it is one. */
  fetchRef(ref: string, signal?: AbortSignal): Promise<void>;
  /** Fetches all branches and tags with their history, for look-ups that need it. */
  fetchAll(signal?: AbortSignal): Promise<void>;
  /** Throws away a mirror that turned out to be damaged; the next use starts afresh. */
  discard(signal?: AbortSignal): Promise<void>;
};

const lockWaitSeconds = 600;
const allRefs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

/** The first fetch leaves out all files: nobody knows yet which ones are read. */
const noFiles = '--filter=blob:none';

/** A later one brings the changed files, manifests being small, and so saves asking for them a second time. */
const smallFiles = '--filter=blob:limit=100k';

/** The mirror of a repository under the cache directory. */
export function mirrorOf(setting: GitSetting, remote: Remote): Mirror {
  const dir = join(setting.cacheDir, 'mirrors', `${mirrorName(remote)}.git`);
  const locked = async <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
    await mkdir(join(setting.cacheDir, 'mirrors'), { recursive: true });
    return await setting.lock(`${dir}.lock`, { waitSeconds: lockWaitSeconds, signal }, work);
  };

  const fetch = (refspecs: readonly string[], options: readonly string[], signal?: AbortSignal) =>
    runGit(setting, {
      args: ['fetch', '--force', '--no-tags', '--no-write-fetch-head', ...options, 'origin', ...refspecs],
      cwd: dir,
      configuration: originOf(remote),
      variables: { [mirrorVariable]: dir },
      remote,
      signal,
    });

  const fetchHistory = async (signal?: AbortSignal): Promise<void> => {
    const whole = (await exists(join(dir, 'shallow'))) ? ['--unshallow'] : [];
    const all = await fetch(allRefs, ['--prune', noFiles, ...whole], signal);
    if (all.exitCode !== 0) throw remoteFailure(remote, all.stderr);
  };

  const fetchCommit = async (sha: string, signal?: AbortSignal): Promise<void> => {
    const filter = (await exists(join(dir, keptRefs))) ? smallFiles : noFiles;
    // One commit without its history: the server sends the difference to what the mirror has.
    const depth = `--depth=${Math.max(1, Math.trunc(remote.credentials.depth ?? 1))}`;
    const single = await fetch([`+${sha}:${keptRef(sha)}`], [depth, filter], signal);
    if (single.exitCode === 0) return;
    if (!isMissingCommit(single.stderr)) throw remoteFailure(remote, single.stderr);
    // Servers may hand out only advertised commits; then the branches must lead to it.
    await fetchHistory(signal);
    await keep(setting, dir, remote, sha, signal);
  };

  const ensure = async (sha: string, signal?: AbortSignal): Promise<'fetched' | 'present'> => {
    if (await exists(join(dir, keptRef(sha)))) return 'present';
    const outcome = await locked(signal, async () => {
      if (await exists(join(dir, keptRef(sha)))) return 'present';
      await prepare(setting, dir, signal);
      await recorded(dir, async () => await fetchCommit(sha, signal)).catch(async (cause: unknown) => {
        if (!isDamage(cause)) throw cause;
        await removeMirror(dir);
        await prepare(setting, dir, signal);
        await recorded(dir, async () => await fetchCommit(sha, signal));
      });
      return 'fetched';
    });
    if (outcome === 'fetched') await setting.usage.grown(dir);
    return outcome;
  };

  const ensureBlobs = async (sha: string, oids: readonly string[], signal?: AbortSignal): Promise<void> => {
    const missing = await missingBlobs(setting, dir, oids, signal);
    if (missing.length > 0) await fetchMissing(sha, missing, signal);
  };

  const fetchMissing = async (sha: string, oids: readonly string[], signal?: AbortSignal): Promise<void> => {
    await locked(signal, async () => {
      await prepare(setting, dir, signal);
      // Others may have fetched some of them while we waited.
      const missing = await missingBlobs(setting, dir, oids, signal);
      if (missing.length === 0) return;
      const store = { dir, configuration: originOf(remote), signal };
      await recorded(dir, async () => await fetchBlobs(setting, store, remote, sha, missing));
    });
    await setting.usage.grown(dir);
  };

  const fetchAll = async (signal?: AbortSignal): Promise<void> => {
    await locked(signal, async () => {
      await prepare(setting, dir, signal);
      await recorded(dir, async () => await fetchHistory(signal));
    });
    await setting.usage.grown(dir);
  };

  const fetchRef = async (ref: string, signal?: AbortSignal): Promise<void> => {
    await locked(signal, async () => {
      await prepare(setting, dir, signal);
      await recorded(dir, async () => {
        const one = await fetch([`+${ref}:${ref}`], ['--depth=1', noFiles], signal);
        if (one.exitCode !== 0) throw remoteFailure(remote, one.stderr);
      });
    });
  };

  const discard = async (signal?: AbortSignal): Promise<void> => {
    await locked(signal, () => removeMirror(dir));
  };

  return { dir, ensure, ensureBlobs, fetchBlobs: fetchMissing, fetchRef, fetchAll, discard };
}

const keptRefs = 'refs/keelson';

/** Keeps a fetched commit reachable, and says by its existence that the commit and its trees are complete. */
function keptRef(sha: string): string {
  return `${keptRefs}/${sha}`;
}

/**
 * The repository under a name, which Git demands of a server that may leave something out. It is said anew for each
 * fetch and not written into the mirror: to all other commands a missing file is an error and nothing to fetch
 * unasked, beside the lock and without credentials.
 */
function originOf(remote: Remote): Record<string, string> {
  return {
    'remote.origin.url': remote.url,
    'remote.origin.promisor': 'true',
    'remote.origin.partialclonefilter': 'blob:none',
  };
}

async function keep(
  setting: GitSetting,
  dir: string,
  remote: Remote,
  sha: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const kept = await runGit(setting, { args: ['update-ref', keptRef(sha), sha], cwd: dir, signal });
  if (kept.exitCode === 0) return;
  throw new KeelsonError(
    'revision-not-found',
    `commit ${sha} does not exist in ${remote.url}; use a commit that was pushed and is still on a branch or tag`,
  );
}

/** A failure in words that no server causes is taken for damage of the mirror itself. */
function isDamage(cause: unknown): boolean {
  if (!(cause instanceof KeelsonError) || cause.code !== 'source-unreachable') return false;
  return cause.details['reason'] === 'unknown';
}
