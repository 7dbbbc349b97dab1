import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../platform/logger.ts';

/** Work that is done again and again until it is stopped. */
export type Repeated = { stop(): Promise<void> };

/**
 * Does `work` with a pause after each round. A round that fails is logged under `name` when the one before it did not,
 * and the next one follows.
 */
export function repeat(
  { name, milliseconds, log }: { readonly name: string; readonly milliseconds: number; readonly log: Logger },
  work: (round: number) => Promise<void>,
): Repeated {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    let failed = false;
    for (let round = 0; !signal.aborted; round++) {
      try {
        await work(round);
        if (failed) log.info({}, `${name} works again`);
        failed = false;
      } catch (error) {
        // Postgres or Temporal is away: the next round finds the same rows.
        if (!failed) log.warn({ error: describeError(error) }, `${name} failed and is tried again`);
        failed = true;
      }
      await sleep(milliseconds, undefined, { signal }).catch(() => {
        // Stopping ends the pause; the loop ends with it.
      });
    }
  };
  const ended = run();
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
