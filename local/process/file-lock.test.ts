import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { takeLock, tryLock } from './file-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function mustLock(path: string): { release(): void } {
  const lock = tryLock(path);
  if ('ownerPid' in lock) throw new Error(`held by ${lock.ownerPid}`);
  return lock;
}

describe('local/file-lock', () => {
  it('tells the owner while it is held and is free afterwards', () => {
    const path = join(folder, 'held.lock');
    const lock = mustLock(path);
    expect(tryLock(path)).toEqual({ ownerPid: process.pid });
    lock.release();
    mustLock(path).release();
  });

  it('is taken over from a program that is gone', () => {
    const path = join(folder, 'gone.lock');
    const { pid } = spawnSync('true');
    writeFileSync(path, JSON.stringify({ pid, stamp: 'x' }));
    mustLock(path).release();
  });

  it('is taken over when the pid now belongs to another program', () => {
    const path = join(folder, 'reused.lock');
    writeFileSync(path, JSON.stringify({ pid: process.pid, stamp: 'an earlier start' }));
    mustLock(path).release();
  });

  it('is taken over when its content names nobody', () => {
    const path = join(folder, 'broken.lock');
    writeFileSync(path, '{"pid":');
    mustLock(path).release();
  });

  it('lets those who wait in one at a time', async () => {
    const path = join(folder, 'queue.lock');
    let inside = 0;
    let most = 0;
    const visit = async (): Promise<void> => {
      const lock = await takeLock(path, () => {}, new AbortController().signal);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      lock.release();
    };
    await Promise.all([visit(), visit(), visit()]);
    expect(most).toBe(1);
  });
});
