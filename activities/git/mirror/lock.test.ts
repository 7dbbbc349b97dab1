import { access, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileLock } from './lock.ts';

const noProcess = 2 ** 22 + 1;
const withFileLock = createFileLock();

describe('activities/git/lock', () => {
  let dir = '';
  let path = '';

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'keelson-lock-'));
    path = join(dir, 'one.lock');
  });

  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withFileLock(path, { waitSeconds: 20 }, work)));
    expect(most).toBe(1);
  });

  it('lets those of one process in as they came, the one that gives up left out', async () => {
    const order: number[] = [];
    const giveUp = new AbortController();
    const waiting = Array.from({ length: 8 }, (_, number) =>
      withFileLock(
        path,
        { waitSeconds: 20, ...(number === 3 ? { signal: giveUp.signal } : {}) },
        async () => {
          order.push(number);
          if (number === 0) giveUp.abort();
        },
      ),
    );
    const outcomes = await Promise.allSettled(waiting);
    expect(order).toEqual([0, 1, 2, 4, 5, 6, 7]);
    expect(outcomes[3]).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
  });

  it('takes over the lock of a process that is gone, and only one waiter does', async () => {
    await writeFile(path, JSON.stringify({ token: 'dead', pid: noProcess, host: hostname() }));
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withFileLock(path, { waitSeconds: 20 }, work)));
    expect(most).toBe(1);
  });

  it('takes over a lock of another host that is no longer renewed', async () => {
    await writeFile(path, JSON.stringify({ token: 'old', pid: 1, host: 'elsewhere' }));
    const past = new Date(Date.now() - 60_000);
    await utimes(path, past, past);
    expect(await withFileLock(path, { waitSeconds: 5 }, async () => 'done')).toBe('done');
  });

  it('leaves a fresh lock of another host alone, though no process here has its number', async () => {
    await writeFile(path, JSON.stringify({ token: 'far', pid: noProcess, host: 'elsewhere' }));
    const waiting = withFileLock(path, { waitSeconds: 0.3 }, async () => 'done');
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await access(path);
  });

  it('gives up waiting with an error that may be tried again', async () => {
    await writeFile(path, JSON.stringify({ token: 'live', pid: process.pid, host: hostname() }));
    const waiting = withFileLock(path, { waitSeconds: 0.05 }, async () => 'done');
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('unlocks when the work fails', async () => {
    const failing = withFileLock(path, { waitSeconds: 5 }, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await expect(access(path)).rejects.toThrow();
  });
});
