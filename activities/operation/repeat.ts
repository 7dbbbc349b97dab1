import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../platform/logger.ts';

/** Work that is done again and again until it is stopped. */
export type Repeated = {
  /** Cuts the pause of an idle round short: there is something to do. */
  wake(): void;
  stop(): Promise<void>;
};

type Pace = {
  /** Under which failures are logged. */
  readonly name: string;
  readonly milliseconds: number;
  /** The pause after a round that found nothing to do and so answers `idle`; as long as any other by default. */
  readonly idleMilliseconds?: number;
  readonly log: Logger;
};

/**
 * Does `work` with a pause after each round. A round that fails is logged under `name` when the one before it did not,
 * and the next one follows.
 */
export function repeat(
  { name, milliseconds, idleMilliseconds = milliseconds, log }: Pace,
  // biome-ignore lint/suspicious/noConfusingVoidType: most work has nothing to answer.
  work: (round: number) => Promise<'idle' | void>,
): Repeated {
  const stopping = new AbortController();
  const { signal } = stopping;
  let idling = new AbortController();
  let woken = false;
  const pause = (isIdle: boolean): Promise<void> => {
    const options = { signal: isIdle ? idling.signal : signal };
    return sleep(isIdle ? idleMilliseconds : milliseconds, undefined, options).catch(() => {
      // Stopping ends the pause, and the loop with it; waking begins the next round.
    });
  };
  const run = async (): Promise<void> => {
    let failed = false;
    for (let round = 0; !signal.aborted; round++) {
      let isIdle = false;
      woken = false;
      idling = new AbortController();
      try {
        isIdle = (await work(round)) === 'idle';
        if (failed) log.info({}, `${name} works again`);
        failed = false;
      } catch (error) {
        // Postgres or Temporal is away: the next round finds the same rows.
        if (!failed) log.warn({ error: describeError(error) }, `${name} failed and is tried again`);
        failed = true;
      }
      await pause(isIdle && !woken && !signal.aborted);
    }
  };
  const ended = run();
  return {
    wake() {
      woken = true;
      idling.abort();
    },
    async stop() {
      stopping.abort();
      idling.abort();
      await ended;
    },
  };
}
