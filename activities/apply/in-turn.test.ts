import { describe, expect, it } from 'vitest';
import { KeelsonError } from '../../core/errors.ts';
import { createLimiter } from '../../platform/limiter.ts';
import { inTurn, type TurnLimits } from './in-turn.ts';

const limitsOf = (changes: Partial<TurnLimits> = {}): TurnLimits => ({
  limiter: createLimiter(1),
  mostWaiting: 10,
  turnMilliseconds: 10_000,
  workMilliseconds: 10_000,
  signal: new AbortController().signal,
  ...changes,
});

/** Work that ends only with its signal, as a request does. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('activities/in-turn', () => {
  it('answers with what the work made', async () => {
    expect(await inTurn(limitsOf(), async () => 'written')).toEqual({ done: 'written' });
  });

  it('aborts work whose time is up', async () => {
    expect(await inTurn(limitsOf({ workMilliseconds: 5 }), untilAborted)).toBe('late');
  });

  it('does not begin work that has no turn in time', async () => {
    const limiter = createLimiter(1);
    let release = (): void => {};
    const holder = limiter.run(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    let begun = false;
    const turn = await inTurn(limitsOf({ limiter, turnMilliseconds: 5 }), async () => {
      begun = true;
    });
    expect([turn, begun]).toEqual(['no-turn', false]);
    release();
    await holder;
  });

  it('has no turn for more than may wait', async () => {
    const limiter = createLimiter(1);
    const limits = limitsOf({ limiter, mostWaiting: 1 });
    const held = Promise.withResolvers<string>();
    const turns = [1, 2, 3].map(() => inTurn(limits, () => held.promise));
    expect(await turns[2]).toBe('no-turn');
    held.resolve('written');
    expect(await Promise.all(turns)).toEqual([{ done: 'written' }, { done: 'written' }, 'no-turn']);
  });

  it('throws what is an error of the work, also when its time is up', async () => {
    const fenced = async (signal: AbortSignal): Promise<never> => {
      await untilAborted(signal).catch(() => {});
      throw new KeelsonError('fenced', 'another run took over');
    };
    await expect(inTurn(limitsOf({ workMilliseconds: 5 }), fenced)).rejects.toThrow('another run took over');
    const broken = inTurn(limitsOf(), async () => {
      throw new TypeError('broken');
    });
    await expect(broken).rejects.toThrow('broken');
  });

  it('throws the reason of the caller who gave up', async () => {
    const caller = new AbortController();
    const turn = inTurn(limitsOf({ signal: caller.signal }), untilAborted);
    caller.abort(new Error('cancelled'));
    await expect(turn).rejects.toThrow('cancelled');
  });
});
