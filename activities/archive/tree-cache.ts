import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A tree of files that is only read, and given back after use. */
export type Tree = { readonly path: string; release(): Promise<void> };

export type TreeRequest = {
  /** Everything that decides what the tree holds and who may see it; only its digest is written down. */
  readonly key: string;
  /** Makes the tree anew even if it is here. */
  readonly fresh?: boolean | undefined;
  /** Writes the tree into an empty folder. */
  readonly fill: (folder: string) => Promise<void>;
};

/** Trees of files on disk by key, within bounds, shared by the workers of a machine. */
export type TreeCache = { use(request: TreeRequest): Promise<Tree> };

export type TreeCacheOptions = {
  readonly dir: string;
  /** For all trees together. */
  readonly maxBytes: number;
  /** How long a tree stays after its last use even when there is too much; longer than any render. */
  readonly minIdleSeconds?: number;
};

const defaultMinIdleSeconds = 900;
/** A fill of a worker that died; no fill takes that long. */
const abandonedSeconds = 3600;

/**
 * A cache in a folder of its own. Each tree has a folder of its own name that never changes once it is there; a file
 * says which one is current, so a fresh tree takes nothing from those who read the former one.
 */
export function createTreeCache(options: TreeCacheOptions): TreeCache {
  const { dir } = options;
  const filling = new Map<string, Promise<string>>();
  const used = new Map<string, number>();
  let secret: Promise<Buffer> | undefined;
  let isSweeping = false;

  const nameOf = async (key: string): Promise<string> => {
    secret ??= readSecret(dir);
    return createHmac('sha256', await secret)
      .update(key)
      .digest('hex')
      .slice(0, 40);
  };

  const fill = async (name: string, request: TreeRequest): Promise<string> => {
    const id = `${name}.${randomUUID()}`;
    const part = join(dir, `${id}.part`);
    await mkdir(part, { recursive: true, mode: 0o700 });
    try {
      await request.fill(part);
      await writeFile(`${part}.size`, String(await sizeOf(part)));
      await rename(`${part}.size`, join(dir, `${id}.size`));
      await rename(part, join(dir, id));
    } catch (cause) {
      await rm(part, { recursive: true, force: true });
      throw cause;
    }
    const pointer = join(dir, `${name}.current`);
    await writeFile(`${pointer}.${id}`, id);
    await rename(`${pointer}.${id}`, pointer);
    return id;
  };

  const sweep = async (): Promise<void> => {
    if (isSweeping) return;
    isSweeping = true;
    try {
      await removeIdle(dir, options.maxBytes, options.minIdleSeconds ?? defaultMinIdleSeconds, used);
    } catch {
      // Another worker may be sweeping the same folder; the next fill tries again.
    } finally {
      isSweeping = false;
    }
  };

  /** Those who ask at once for the same tree get one fill. */
  const filled = (name: string, request: TreeRequest): Promise<string> => {
    const running = filling.get(name);
    if (running !== undefined) return running;
    const begun = fill(name, request).finally(() => filling.delete(name));
    filling.set(name, begun);
    void begun.then(sweep, () => undefined);
    return begun;
  };

  const hold = async (id: string): Promise<Tree> => {
    const path = join(dir, id);
    used.set(id, (used.get(id) ?? 0) + 1);
    let isHeld = true;
    const release = async (): Promise<void> => {
      if (!isHeld) return;
      isHeld = false;
      const left = (used.get(id) ?? 1) - 1;
      if (left === 0) used.delete(id);
      else used.set(id, left);
    };
    try {
      await touch(path);
    } catch (cause) {
      await release();
      throw cause;
    }
    return { path, release };
  };

  return {
    use: async (request) => {
      const name = await nameOf(request.key);
      const known = request.fresh === true ? undefined : await current(dir, name);
      if (known !== undefined) {
        const held = await hold(known).catch(() => undefined);
        // It was swept by another worker between the look and the touch.
        if (held !== undefined) return held;
      }
      const isJoined = filling.has(name);
      try {
        return await hold(await filled(name, request));
      } catch (cause) {
        if (!isJoined) throw cause;
        // The fill was somebody else's, and may have ended because they were stopped.
        return await hold(await filled(name, request));
      }
    },
  };
}

async function current(dir: string, name: string): Promise<string | undefined> {
  try {
    const id = (await readFile(join(dir, `${name}.current`), 'utf8')).trim();
    await stat(join(dir, id));
    return id;
  } catch {
    // Not here, or swept since: it is made anew.
    return undefined;
  }
}

/** Names of trees come from credentials too; without this machine's secret nobody can try guesses on them. */
async function readSecret(dir: string): Promise<Buffer> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'secret');
  await writeFile(path, randomBytes(32), { flag: 'wx', mode: 0o600 }).catch(() => {
    // Another worker has written it.
  });
  const secret = await readFile(path);
  // Read between its creation and its writing: the other worker is about to finish.
  return secret.length > 0 ? secret : await readSecret(dir);
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}

async function sizeOf(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    // A file takes whole blocks on disk, and an inode.
    total += entry.isFile() ? (await stat(join(entry.parentPath, entry.name))).size + 4096 : 4096;
  }
  return total;
}

async function removeIdle(
  dir: string,
  maxBytes: number,
  minIdleSeconds: number,
  used: ReadonlyMap<string, number>,
): Promise<void> {
  const trees: { id: string; bytes: number; idleSeconds: number }[] = [];
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(dir, entry.name);
    const idleSeconds = (Date.now() - (await stat(path)).mtimeMs) / 1000;
    if (entry.name.endsWith('.part') || entry.name.endsWith('.gone')) {
      if (idleSeconds > abandonedSeconds) await rm(path, { recursive: true, force: true });
      continue;
    }
    const bytes = Number(await readFile(`${path}.size`, 'utf8').catch(() => '0'));
    trees.push({ id: entry.name, bytes, idleSeconds });
  }
  let total = trees.reduce((sum, { bytes }) => sum + bytes, 0);
  trees.sort((left, right) => right.idleSeconds - left.idleSeconds);
  for (const { id, bytes, idleSeconds } of trees) {
    if (total <= maxBytes || idleSeconds < minIdleSeconds) return;
    if (used.has(id)) continue;
    const gone = join(dir, `${id}.gone`);
    await rename(join(dir, id), gone);
    await rm(gone, { recursive: true, force: true });
    await rm(join(dir, `${id}.size`), { force: true });
    total -= bytes;
  }
}
