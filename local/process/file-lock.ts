import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { startStamp } from './pid.ts';

const Owner = z.object({ pid: z.number(), stamp: z.string() });
type Owner = z.infer<typeof Owner>;

/** A held lock. */
export type FileLock = { release(): void };

/** Takes the lock, or returns the pid of the live program that holds it. A dead owner's lock is taken over. */
export function tryLock(path: string): FileLock | { readonly ownerPid: number } {
  mkdirSync(dirname(path), { recursive: true });
  const content = JSON.stringify({ pid: process.pid, stamp: startStamp(process.pid) });
  for (;;) {
    if (create(path, content)) return { release: () => release(path, content) };
    const current = read(path);
    if (current === undefined) continue;
    const owner = readOwner(current);
    if (owner !== undefined && startStamp(owner.pid) === owner.stamp) return { ownerPid: owner.pid };
    removeStale(path, current);
  }
}

/** Waits for the lock; `waiting` hears the owner's pid each time the lock is found held. */
export async function takeLock(
  path: string,
  waiting: (ownerPid: number) => void,
  signal: AbortSignal,
): Promise<FileLock> {
  for (;;) {
    signal.throwIfAborted();
    const lock = tryLock(path);
    if ('release' in lock) return lock;
    waiting(lock.ownerPid);
    await delay(250);
  }
}

/** Written aside and linked into place, so that nobody ever reads a half-written owner. */
function create(path: string, content: string): boolean {
  const own = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(own, content);
  try {
    linkSync(own, path);
    return true;
  } catch {
    return false; // somebody holds it; the caller looks who
  } finally {
    rmSync(own, { force: true });
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // released in the meantime
  }
}

function readOwner(content: string): Owner | undefined {
  try {
    return Owner.parse(JSON.parse(content));
  } catch {
    return undefined; // no owner of ours ever wrote this, so nobody holds it
  }
}

function removeStale(path: string, content: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    // Another waiter may have taken over between our look and the rename; give its lock back.
    if (readFileSync(aside, 'utf8') !== content) linkSync(aside, path);
  } catch {
    // gone already: another waiter removed it
  } finally {
    rmSync(aside, { force: true });
  }
}

function release(path: string, content: string): void {
  if (read(path) === content) rmSync(path, { force: true });
}
