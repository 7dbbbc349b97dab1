import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import { anySignal } from '../../../core/waiting/any-signal.ts';
import { createLimiter, type Limiter } from '../../../platform/limiter.ts';

export type LockOptions = {
  readonly waitSeconds: number;
  readonly signal?: AbortSignal | undefined;
};

type Owner = { readonly token: string; readonly pid: number; readonly host: string };

const pollMilliseconds = 25;
const renewMilliseconds = 2000;
/** Seven missed renewals: even a worker that is starved of CPU renews within that time. */
const staleMilliseconds = 15_000;

/**
 * Runs work while holding a lock file, which excludes other workers on the machine. The lock of a worker that died
 * is taken over: at once when its process is gone, else when it has not been renewed for 15 s.
 */
export type FileLock = <T>(path: string, options: LockOptions, work: () => Promise<T>) => Promise<T>;

/** A way to hold lock files. Its callers stand in line in memory; only the first of them contends for the file. */
export function createFileLock(): FileLock {
  const lines = new Map<string, { readonly limiter: Limiter; callers: number }>();
  return async (path, options, work) => {
    const line = lines.get(path) ?? { limiter: createLimiter(1), callers: 0 };
    lines.set(path, line);
    line.callers += 1;
    const tooLate = AbortSignal.timeout(options.waitSeconds * 1000);
    const gaveUp = options.signal === undefined ? tooLate : anySignal([options.signal, tooLate]);
    let isFirst = false;
    try {
      return await line.limiter.run(async () => {
        isFirst = true;
        return await holding(path, options, gaveUp, work);
      }, gaveUp);
    } catch (cause) {
      throw isFirst ? cause : notLocked(options);
    } finally {
      line.callers -= 1;
      if (line.callers === 0) lines.delete(path);
    }
  };
}

async function holding<T>(
  path: string,
  options: LockOptions,
  gaveUp: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const token = randomUUID();
  while (!(await tryLock(path, token))) {
    await removeIfStale(path);
    if (gaveUp.aborted) throw notLocked(options);
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
  }
  const renewal = setInterval(() => void renew(path), renewMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    if ((await readOwner(path))?.token === token) await rm(path, { force: true });
  }
}

function notLocked({ waitSeconds, signal }: LockOptions): KeelsonError {
  const why = signal?.aborted
    ? 'stopped while waiting for its lock'
    : `another worker has been using it for ${waitSeconds} s; it is tried again`;
  return new KeelsonError('unavailable', `git mirror: ${why}`, { retryable: true });
}

async function tryLock(path: string, token: string): Promise<boolean> {
  const owner: Owner = { token, pid: process.pid, host: hostname() };
  return await createExclusive(path, formatJson(owner));
}

async function createExclusive(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(content);
    await file.close();
    return true;
  } catch (cause) {
    if (isExists(cause)) return false;
    throw cause;
  }
}

async function renew(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {
    // The file is gone only after the work ended; the next renewal is already cancelled.
  });
}

/**
 * Removes a dead owner's lock. Two waiters must not both do so, or the slower one would remove the faster one's new
 * lock: the right to remove is itself an exclusive file named after the dead owner.
 */
async function removeIfStale(path: string): Promise<void> {
  const owner = await readOwner(path);
  if (!(await isStale(path, owner))) return;
  const claim = `${path}.${owner?.token ?? 'unreadable'}`;
  if (!(await createExclusive(claim, ''))) {
    if ((await ageOf(claim)) > staleMilliseconds) await rm(claim, { force: true });
    return;
  }
  if ((await readOwner(path))?.token === owner?.token) await rm(path, { force: true });
  await rm(claim, { force: true });
}

async function isStale(path: string, owner: Owner | undefined): Promise<boolean> {
  if ((await ageOf(path)) > staleMilliseconds) return true;
  return owner !== undefined && owner.host === hostname() && !isAlive(owner.pid);
}

/** Whether a process of this machine still runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it runs, as another user.
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const owner: unknown = parseJson(await readFile(path, 'utf8'));
    return isOwner(owner) ? owner : undefined;
  } catch {
    // Gone, or not yet written by the one who just created it.
    return undefined;
  }
}

function isOwner(value: unknown): value is Owner {
  return (
    typeof value === 'object' &&
    value !== null &&
    'token' in value &&
    typeof value.token === 'string' &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'host' in value &&
    typeof value.host === 'string'
  );
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    // Gone: nothing to take over.
    return 0;
  }
}

function isExists(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
}
