import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { type GitSetting, runGit } from './command.ts';
import { isMissingCommit, remoteFailure } from './failure.ts';
import { withFileLock } from './lock.ts';
import { mirrorName, type Remote } from './remote.ts';
import { mirrorVariable, stopPrograms } from './stop.ts';

/** One repository's objects on disk; nothing is ever collected in it, so readers need no lock. */
export type Mirror = {
  readonly dir: string;
  /** Fetches a commit and its files if they are not here yet. */
  ensure(sha: string, signal?: AbortSignal): Promise<void>;
  /** Fetches all branches and tags with their history, for look-ups that need it. */
  fetchAll(signal?: AbortSignal): Promise<void>;
  /** Throws away a mirror that turned out to be damaged; the next use starts afresh. */
  discard(signal?: AbortSignal): Promise<void>;
};

const lockWaitSeconds = 600;
const allRefs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

/** The mirror of a repository under the cache directory. */
export function mirrorOf(setting: GitSetting, remote: Remote): Mirror {
  const dir = join(setting.cacheDir, 'mirrors', `${mirrorName(remote)}.git`);
  const locked = <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> =>
    withFileLock(`${dir}.lock`, { waitSeconds: lockWaitSeconds, signal }, work);

  const fetch = (refspecs: readonly string[], depth: readonly string[], signal?: AbortSignal) =>
    runGit(setting, {
      args: ['fetch', '--force', '--no-tags', '--no-write-fetch-head', ...depth, remote.url, ...refspecs],
      cwd: dir,
      variables: { [mirrorVariable]: dir },
      remote,
      signal,
    });

  const fetchCommit = async (sha: string, signal?: AbortSignal): Promise<void> => {
    // One commit without its history: the server sends the difference to what the mirror has.
    const single = await fetch([`+${sha}:${keptRef(sha)}`], ['--depth=1'], signal);
    if (single.exitCode === 0) return;
    if (!isMissingCommit(single.stderr)) throw remoteFailure(remote, single.stderr);
    // Servers may hand out only advertised commits; then the branches must lead to it.
    const all = await fetch(allRefs, ['--prune', ...(await unshallow(dir))], signal);
    if (all.exitCode !== 0) throw remoteFailure(remote, all.stderr);
    await keep(setting, dir, remote, sha, signal);
  };

  const ensure = async (sha: string, signal?: AbortSignal): Promise<void> => {
    await mkdir(join(setting.cacheDir, 'mirrors'), { recursive: true });
    if (await exists(join(dir, keptRef(sha)))) return;
    await locked(signal, async () => {
      if (await exists(join(dir, keptRef(sha)))) return;
      await prepare(setting, dir, signal);
      await recorded(dir, async () => await fetchCommit(sha, signal)).catch(async (cause: unknown) => {
        if (!isDamage(cause)) throw cause;
        await moveAway(dir);
        await prepare(setting, dir, signal);
        await recorded(dir, async () => await fetchCommit(sha, signal));
      });
    });
  };

  const fetchAll = async (signal?: AbortSignal): Promise<void> => {
    await mkdir(join(setting.cacheDir, 'mirrors'), { recursive: true });
    await locked(signal, async () => {
      await prepare(setting, dir, signal);
      await recorded(dir, async () => {
        const all = await fetch(allRefs, ['--prune', ...(await unshallow(dir))], signal);
        if (all.exitCode !== 0) throw remoteFailure(remote, all.stderr);
      });
    });
  };

  const discard = async (signal?: AbortSignal): Promise<void> => {
    await locked(signal, () => moveAway(dir));
  };

  return { dir, ensure, fetchAll, discard };
}

/** Keeps a fetched commit reachable, and says by its existence that the commit is complete. */
function keptRef(sha: string): string {
  return `refs/keelson/${sha}`;
}

/** Creates the mirror, or repairs what a worker left that was killed while it wrote. */
async function prepare(setting: GitSetting, dir: string, signal: AbortSignal | undefined): Promise<void> {
  if (!(await exists(join(dir, 'HEAD')))) {
    const draft = `${dir}.${randomUUID()}`;
    const made = await runGit(setting, { args: ['init', '--bare', '--initial-branch=none', draft], signal });
    if (made.exitCode !== 0) throw new KeelsonError('internal', `git mirror: cannot be made: ${made.stderr}`);
    await rm(dir, { recursive: true, force: true });
    await rename(draft, dir);
    return;
  }
  if (!(await exists(join(dir, interrupted)))) return;
  // We hold the mirror's lock, so what still writes is a leftover too, and these files belong to nobody.
  await stopPrograms(mirrorVariable, dir);
  for (const entry of await readdir(dir, { recursive: true })) {
    if (entry.endsWith('.lock') || entry.includes('/tmp_')) await rm(join(dir, entry), { force: true });
  }
}

const interrupted = 'keelson-writing';

/** Leaves a mark while the mirror is written to, so that a crash is noticed by the next writer. */
async function recorded(dir: string, write: () => Promise<void>): Promise<void> {
  await writeFile(join(dir, interrupted), '');
  await write();
  await rm(join(dir, interrupted), { force: true });
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

async function unshallow(dir: string): Promise<string[]> {
  return (await exists(join(dir, 'shallow'))) ? ['--unshallow'] : [];
}

/** A failure in words that no server causes is taken for damage of the mirror itself. */
function isDamage(cause: unknown): boolean {
  if (!(cause instanceof KeelsonError) || cause.code !== 'source-unreachable') return false;
  return cause.details['reason'] === 'unknown';
}

async function moveAway(dir: string): Promise<void> {
  const away = `${dir}.${randomUUID()}`;
  await rename(dir, away).catch(() => {
    // Already gone, which is what was wanted.
  });
  await rm(away, { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
