import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import { mirrorName } from '../access/remote.ts';
import { removeAbandoned } from '../mirror/abandoned.ts';
import { nameOfOwn } from '../mirror/owner.ts';
import type { GitSetting } from '../run/command.ts';
import { cleanPaths } from './paths.ts';
import { type Files, writeCommit } from './write-commit.ts';

/** The files of one commit on disk; to be read only, since renders of the same commit share them. */
export type Checkout = {
  readonly path: string;
  /** Says that the files are no longer needed; calling it again does nothing. */
  release(): Promise<void>;
};

/** Hands out directories with the files of commits. */
export type Checkouts = {
  checkout(wanted: Files, signal?: AbortSignal): Promise<Checkout>;
  /** A path for another directory of this worker's. */
  newFolder(): Promise<string>;
  /** Removes every directory this worker made. */
  dispose(): Promise<void>;
};

type Shared = { readonly path: Promise<string>; users: number };

/** Released directories kept for the next render of the same commit; applications of one repository come in groups. */
const idleLimit = 8;

/** Directories of this worker, one per commit, shared by the renders that run at the same time or soon after. */
export function createCheckouts(setting: GitSetting): Checkouts {
  const own = join(setting.cacheDir, 'checkouts', nameOfOwn());
  const shared = new Map<string, Shared>();
  let ready: Promise<void> | undefined;

  const prepared = async (): Promise<void> => {
    ready ??= removeAbandoned(setting.cacheDir).then(() =>
      mkdir(own, { recursive: true }).then(() => undefined),
    );
    await ready;
  };

  const populate = async (wanted: Files, signal?: AbortSignal): Promise<string> => {
    const path = join(own, randomUUID());
    try {
      await writeCommit(setting, wanted, path, signal);
      return path;
    } catch (cause) {
      await rm(path, { recursive: true, force: true });
      throw cause;
    }
  };

  const take = (wanted: Files, signal?: AbortSignal): { one: Shared; began: boolean } => {
    const key = keyOf(wanted);
    const known = shared.get(key);
    // Taken out and put back: the order of the map is the order of last use.
    shared.delete(key);
    const one = known ?? { path: populate(wanted, signal), users: 0 };
    one.users += 1;
    shared.set(key, one);
    // A failed attempt is not remembered: the next caller tries again. The caller itself sees the rejection.
    if (known === undefined) one.path.catch(() => shared.delete(key));
    return { one, began: known === undefined };
  };

  /** An attempt that another caller began ends when that caller gives up, which is no reason for this one to. */
  const takeFiles = async (wanted: Files, signal?: AbortSignal): Promise<Shared> => {
    for (;;) {
      const { one, began } = take(wanted, signal);
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
    checkout: async (wanted, signal) => {
      await prepared();
      const one = await takeFiles(wanted, signal);
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
    newFolder: async () => {
      await prepared();
      return join(own, randomUUID());
    },
    dispose: async () => {
      await Promise.allSettled([...shared.values()].map((one) => one.path));
      shared.clear();
      await rm(own, { recursive: true, force: true });
    },
  };
}

/** What makes two checkouts the same directory: submodules depend on who asks, and so does what LFS gives. */
function keyOf({ remote, sha, paths, submodules, submodulesWithin }: Files): string {
  const what = [
    remote.credentials.enableLfs === true,
    cleanPaths(paths) ?? null,
    submodules?.reader ?? null,
    submodulesWithin ?? null,
  ];
  const digest = createHash('sha256').update(formatJson(what)).digest('hex');
  return `${mirrorName(remote)}/${sha}/${digest}`;
}
