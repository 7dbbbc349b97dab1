import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../platform/logger.ts';

/** Work that is done again and again until it is stopped. */
export type Repeated = { stop(): Promise<void> };

/** Does `work` with a pause after each round; a round that fails is logged under `name`, the next one follows. */
export function repeat(
  { name, milliseconds, log }: { readonly name: string; readonly milliseconds: number; readonly log: Logger },
  work: (round: number) => Promise<void>,
): Repeated {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async (): Promise<void> => {
    for (let round = 0; !signal.aborted; round++) {
      try {
        await work(round);
      } catch (error) {
        // Postgres or Temporal is away: the next round finds the same rows.
        log.warn({ error: String(error) }, `${name} failed and is tried again`);
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
