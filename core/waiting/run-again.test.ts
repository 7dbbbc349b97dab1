import { describe, expect, it } from 'vitest';
import { runAgain } from './run-again.ts';

/** Something that goes on until it is let go. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { promise, resolve, reject };
}

describe('core/waiting/run-again', () => {
  it('runs once more for all who ask meanwhile, and never twice at a time', async () => {
    const runs = [held(), held(), held()];
    let begun = 0;
    const ask = runAgain(() => runs[begun++]?.promise ?? Promise.resolve());
    const first = ask();
    await Promise.all([ask(), ask()]);
    expect(begun).toBe(1);
    runs[0]?.resolve();
    runs[1]?.resolve();
    await first;
    expect(begun).toBe(2);
    runs[2]?.resolve();
    await ask();
    expect(begun).toBe(3);
  });

  it('rejects for who began it, and can be asked for again', async () => {
    const run = held();
    let begun = 0;
    const ask = runAgain(() => (begun++ === 0 ? run.promise : Promise.resolve()));
    const first = ask();
    await ask();
    run.reject(new Error('away'));
    await expect(first).rejects.toThrow('away');
    expect(begun).toBe(1);
    await ask();
    expect(begun).toBe(2);
  });
});
