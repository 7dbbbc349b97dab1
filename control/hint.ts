import type { Control } from './context.ts';

/**
 * Sends a hint to the engine without waiting for it. What it is about is committed, so a hint that gets lost costs
 * time until the sweeper looks, never work.
 */
export function sendHint({ log }: Pick<Control, 'log'>, hint: Promise<void>): void {
  hint.catch((error: unknown) => log.warn({ error }, 'engine could not be reached'));
}
