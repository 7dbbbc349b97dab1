import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import { lastLines } from '../../platform/mask.ts';
import { removeAbandoned } from './abandoned.ts';
import { type GitSetting, runGit } from './command.ts';
import { mirrorOf } from './mirror.ts';
import { mirrorName, type Remote } from './remote.ts';
import { findEscape } from './symlinks.ts';

/** The files of one commit on disk; to be read only, since renders of the same commit share them. */
export type Checkout = {
  readonly path: string;
  /** Says that the files are no longer needed; calling it again does nothing. */
  release(): Promise<void>;
};

/** Hands out directories with the files of commits. */
export type Checkouts = {
  checkout(remote: Remote, sha: string, signal?: AbortSignal): Promise<Checkout>;
  /** Removes every directory this worker made. */
  dispose(): Promise<void>;
};

type Shared = { readonly path: Promise<string>; users: number };

/** Released directories kept for the next render of the same commit; applications of one repository come in groups. */
const idleLimit = 8;

/** Directories of this worker, one per commit, shared by the renders that run at the same time or soon after. */
export function createCheckouts(setting: GitSetting): Checkouts {
  const home = join(setting.cacheDir, 'checkouts');
  const own = join(home, `${hostname()}.${process.pid}.${randomUUID()}`);
  const shared = new Map<string, Shared>();
  let ready: Promise<void> | undefined;

  const take = (remote: Remote, sha: string, signal?: AbortSignal): { one: Shared; began: boolean } => {
    const key = `${mirrorName(remote)}/${sha}`;
    const known = shared.get(key);
    // Taken out and put back: the order of the map is the order of last use.
    shared.delete(key);
    const one = known ?? { path: populate(setting, remote, sha, join(own, randomUUID()), signal), users: 0 };
    one.users += 1;
    shared.set(key, one);
    // A failed attempt is not remembered: the next caller tries again. The caller itself sees the rejection.
    if (known === undefined) one.path.catch(() => shared.delete(key));
    return { one, began: known === undefined };
  };

  /** An attempt that another caller began ends when that caller gives up, which is no reason for this one to. */
  const takeFiles = async (remote: Remote, sha: string, signal?: AbortSignal): Promise<Shared> => {
    for (;;) {
      const { one, began } = take(remote, sha, signal);
      const cause = await one.path.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (cause === undefined) return one;
      const stopped = cause instanceof KeelsonError && cause.code === 'unavailable';
      if (began || !stopped || signal?.aborted === true) throw cause;
    }
  };

  const trim = async (): Promise<void> => {
    const idle = [...shared].filter(([, one]) => one.users === 0);
    for (const [key, one] of idle.slice(0, Math.max(0, idle.length - idleLimit))) {
      shared.delete(key);
      await rm(await one.path, { recursive: true, force: true });
    }
  };

  return {
    checkout: async (remote, sha, signal) => {
      ready ??= removeAbandoned(setting.cacheDir).then(() =>
        mkdir(own, { recursive: true }).then(() => undefined),
      );
      await ready;
      const one = await takeFiles(remote, sha, signal);
      const path = await one.path;
      let released = false;
      const release = async (): Promise<void> => {
        if (released) return;
        released = true;
        one.users -= 1;
        await trim();
      };
      return { path, release };
    },
    dispose: async () => {
      await Promise.allSettled([...shared.values()].map((one) => one.path));
      shared.clear();
      await rm(own, { recursive: true, force: true });
    },
  };
}

async function populate(
  setting: GitSetting,
  remote: Remote,
  sha: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const mirror = mirrorOf(setting, remote);
  try {
    await mirror.ensure(sha, signal);
    const first = await writeFiles(setting, mirror.dir, sha, path, signal);
    if (first !== undefined) {
      // The mirror says that it has the commit and yet cannot produce it, as after a power cut.
      await mirror.discard(signal);
      await rm(path, { recursive: true, force: true });
      await mirror.ensure(sha, signal);
      const second = await writeFiles(setting, mirror.dir, sha, path, signal);
      if (second !== undefined) throw unusable(remote, sha, second);
    }
    await refuseEscapes(setting, mirror.dir, remote, path, signal);
    return path;
  } catch (cause) {
    await rm(path, { recursive: true, force: true });
    throw cause;
  } finally {
    await rm(indexOf(path), { force: true });
  }
}

/** Writes the files of a commit into a new directory; returns what Git printed when it could not. */
async function writeFiles(
  setting: GitSetting,
  gitDir: string,
  sha: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  await mkdir(path, { recursive: true });
  await rm(indexOf(path), { force: true });
  // `git archive` would leave out files marked export-ignore, so the files come from a checkout with its own index.
  const { exitCode, stderr } = await runGit(setting, {
    args: ['checkout', `${sha}^{commit}`, '.'],
    cwd: path,
    variables: checkoutVariables(gitDir, path),
    signal,
  });
  const isEmpty = stderr.includes("pathspec '.' did not match");
  return exitCode === 0 || isEmpty ? undefined : stderr;
}

async function refuseEscapes(
  setting: GitSetting,
  gitDir: string,
  remote: Remote,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const variables = checkoutVariables(gitDir, path);
  const listed = await runGit(setting, { args: ['ls-files', '--stage', '-z'], cwd: path, variables, signal });
  const links: string[] = [];
  for (const entry of listed.stdout.split('\0')) {
    if (entry.startsWith('120000 ')) links.push(entry.slice(entry.indexOf('\t') + 1));
  }
  const found = await findEscape(path, links);
  if (found === undefined) return;
  throw new KeelsonError(
    'render-failed',
    `repository ${remote.url}: symlink ${found.path} leads out of the repository (to ${found.target}); ` +
      'replace it by the file or by a relative link inside the repository',
  );
}

function unusable(remote: Remote, sha: string, stderr: string): KeelsonError {
  return new KeelsonError(
    'revision-not-found',
    `repository ${remote.url}: ${sha} cannot be checked out; use the SHA of a commit (git: ${lastLines(stderr, { lines: 2 })})`,
  );
}

function checkoutVariables(gitDir: string, path: string): Record<string, string> {
  return { GIT_DIR: gitDir, GIT_WORK_TREE: path, GIT_INDEX_FILE: indexOf(path) };
}

function indexOf(path: string): string {
  return `${path}.index`;
}
