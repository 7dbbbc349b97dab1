import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KeelsonError } from '../../../core/errors.ts';
import type { FileLock } from './lock.ts';
import { exists, removeMirror } from './mirror-files.ts';
import { isAbandoned, nameOfOwn } from './owner.ts';

/**
 * Each fetch adds a pack, which every look-up may have to open: a mirror with more is thrown away when nobody reads
 * it. The next use fetches one commit without its history, which is cheaper than to repack a large mirror.
 */
const mostPacks = 300;

const lockWaitSeconds = 600;

/** What other workers add to the cache is noticed so late: to look at a thousand mirrors takes 100 ms of CPU. */
const lookMilliseconds = 60_000;

/** Who uses which mirror, in files, so that workers which share a cache know of each other. */
export type MirrorUsage = {
  /** Keeps the mirror from being thrown away while work reads it. */
  use<T>(mirrorDir: string, work: () => Promise<T>): Promise<T>;
  /** To be called after a mirror grew: throws away those that were not used for longest, down to the limit. */
  grown(mirrorDir: string): Promise<void>;
};

/** Keeps the mirrors of a cache within a size in bytes; those in use stay, however large. */
export function createMirrorUsage(cacheDir: string, limitBytes: number, lock: FileLock): MirrorUsage {
  const home = join(cacheDir, 'usage');
  const worn = new Set<string>();
  const marks = new Map<string, Mark>();
  /** Sizes in bytes as of the last look at all mirrors, and those measured since. */
  let sizes = new Map<string, number>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  const recordOf = (mirrorDir: string): UsageRecord => {
    const dir = join(home, basename(mirrorDir));
    return {
      ...{ mirrorDir, users: join(dir, 'users'), size: join(dir, 'size'), leaving: join(dir, 'leaving') },
      locked: (waitSeconds, work) => lock(`${mirrorDir}.lock`, { waitSeconds }, work),
    };
  };

  return {
    use: async (mirrorDir, work) => {
      const record = recordOf(mirrorDir);
      // Uses of this worker at the same time share a mark: hundreds of renders read one mirror.
      const mark = marks.get(mirrorDir) ?? setMark(record);
      marks.set(mirrorDir, mark);
      mark.uses += 1;
      try {
        await mark.isSet;
        return await work();
      } finally {
        mark.uses -= 1;
        if (mark.uses === 0) {
          // Whoever comes from now on sets a mark of its own.
          marks.delete(mirrorDir);
          await rm(mark.path, { force: true });
          if (worn.delete(mirrorDir)) await throwAway(record);
        }
      }
    },
    grown: async (mirrorDir) => {
      const record = recordOf(mirrorDir);
      await mkdir(dirname(record.size), { recursive: true });
      const bytes = await sizeOf(mirrorDir);
      await writeFile(record.size, String(bytes));
      sizes.set(mirrorDir, bytes);
      const packs = await list(join(mirrorDir, 'objects', 'pack'));
      if (packs.filter((name) => name.endsWith('.pack')).length > mostPacks) worn.add(mirrorDir);
      const isFresh = performance.now() - lookedAt < lookMilliseconds;
      if (isFresh && sum([...sizes.values()]) <= limitBytes) return;
      lookedAt = performance.now();
      const mirrors = join(cacheDir, 'mirrors');
      const records = (await list(home)).map((name) => recordOf(join(mirrors, name)));
      sizes = await shrink(records, limitBytes);
    },
  };
}

/** A file that says that this worker uses a mirror. */
type Mark = { readonly path: string; readonly isSet: Promise<void>; uses: number };

function setMark(record: UsageRecord): Mark {
  const path = join(record.users, nameOfOwn());
  const set = async (): Promise<void> => {
    await mkdir(record.users, { recursive: true });
    await writeFile(path, '');
    // First the mark, then this look, and the other way round there: one of the two sees the other.
    if (await exists(record.leaving))
      await record.locked(lockWaitSeconds, () => rm(record.leaving, { force: true }));
  };
  return { path, isSet: set(), uses: 0 };
}

type UsageRecord = {
  readonly mirrorDir: string;
  /** A directory with a file per use; its time of change is that of the last use. */
  readonly users: string;
  readonly size: string;
  /** Is there while the mirror is being thrown away. */
  readonly leaving: string;
  /** Runs work under the mirror's lock. */
  readonly locked: <T>(waitSeconds: number, work: () => Promise<T>) => Promise<T>;
};

/** Throws away what is too much; answers with the sizes of the mirrors that stay. */
async function shrink(records: readonly UsageRecord[], limitBytes: number): Promise<Map<string, number>> {
  const measured = await Promise.all(
    records.map(async (record) => ({
      record,
      bytes: Number(await readFile(record.size, 'utf8').catch(() => '0')),
      usedAt: (await stat(record.users).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  const sizes = new Map(measured.map(({ record, bytes }) => [record.mirrorDir, bytes]));
  let total = sum([...sizes.values()]);
  for (const { record, bytes } of measured.sort((left, right) => left.usedAt - right.usedAt)) {
    if (total <= limitBytes) break;
    if (bytes === 0 || !(await throwAway(record))) continue;
    total -= bytes;
    sizes.delete(record.mirrorDir);
  }
  return sizes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Throws a mirror away unless somebody uses it or writes to it; says whether it did. */
async function throwAway(record: UsageRecord): Promise<boolean> {
  const { mirrorDir, leaving, size } = record;
  try {
    return await record.locked(0, async () => {
      await writeFile(leaving, '');
      const isFree = !(await isUsed(record));
      if (isFree) {
        await removeMirror(mirrorDir);
        await rm(size, { force: true });
      }
      await rm(leaving, { force: true });
      return isFree;
    });
  } catch (cause) {
    // Whoever holds the lock is using the mirror.
    if (cause instanceof KeelsonError && cause.code === 'unavailable') return false;
    throw cause;
  }
}

async function isUsed({ users }: UsageRecord): Promise<boolean> {
  for (const name of await list(users)) {
    const mark = join(users, name);
    if (!(await isAbandoned(mark, name))) return true;
    await rm(mark, { force: true });
  }
  return false;
}

async function sizeOf(dir: string): Promise<number> {
  let total = 0;
  // A mirror that is just being made anew has no files.
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    // Git removes its temporary files at any moment.
    total += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return total;
}

async function list(path: string): Promise<string[]> {
  // Not there yet: nobody, nothing.
  return await readdir(path).catch(() => []);
}
