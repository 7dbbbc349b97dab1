import { describe, expect, it } from 'vitest';
import { createLimiter } from './limiter.ts';

/** Four tasks, each of which runs until it is let go of. */
async function heldTasks(limiter: ReturnType<typeof createLimiter>) {
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const tasks = [0, 1, 2, 3].map((number) =>
    limiter.run(async () => {
      started.push(number);
      await new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  await Promise.resolve();
  return { started, ends, tasks };
}

describe('platform/limiter', () => {
  it('runs no more tasks at once than allowed, in the order they came', async () => {
    const limiter = createLimiter(2);
    const { started, ends, tasks } = await heldTasks(limiter);
    expect(started).toEqual([0, 1]);
    ends[1]?.();
    await tasks[1];
    expect(started).toEqual([0, 1, 2]);
    ends[0]?.();
    await tasks[0];
    ends[2]?.();
    ends[3]?.();
    await Promise.all(tasks);
    expect(started).toEqual([0, 1, 2, 3]);
  });

  it('follows a limit that changes, up and down', async () => {
    let limit = 1;
    const limiter = createLimiter(() => limit);
    const { started, ends, tasks } = await heldTasks(limiter);
    expect(started).toEqual([0]);
    limit = 3;
    ends[0]?.();
    await tasks[0];
    expect(started).toEqual([0, 1, 2, 3]);
    limit = 1;
    const next = limiter.run(async () => void started.push(4));
    ends[1]?.();
    ends[2]?.();
    await Promise.all([tasks[1], tasks[2]]);
    expect(started).toHaveLength(4);
    ends[3]?.();
    await next;
    expect(started).toEqual([0, 1, 2, 3, 4]);
  });

  it('runs what is to go first before what has waited longer', async () => {
    const limiter = createLimiter(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const started: string[] = [];
    const task = (name: string) => async () => void started.push(name);
    const running = limiter.run(() => promise);
    const waiting = [
      limiter.run(task('a')),
      limiter.run(task('b')),
      limiter.run(task('c'), undefined, { first: true }),
      limiter.run(task('d'), undefined, { first: true }),
    ];
    resolve();
    await Promise.all([running, ...waiting]);
    expect(started).toEqual(['c', 'd', 'a', 'b']);
  });

  it('gives the place back when a task fails', async () => {
    const limiter = createLimiter(1);
    await expect(limiter.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await limiter.run(() => Promise.resolve('yes'))).toBe('yes');
  });

  it('lets a waiting task leave the queue', async () => {
    const limiter = createLimiter(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const running = limiter.run(() => promise);
    const controller = new AbortController();
    const waiting = limiter.run(() => Promise.resolve('never'), controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    resolve();
    await running;
    expect(await limiter.run(() => Promise.resolve('free'))).toBe('free');
  });
});
