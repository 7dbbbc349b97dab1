import type { ApiContext } from './context.ts';

/**
 * Sends a hint to the engine without waiting for it. What it is about is committed, so a hint that gets lost costs
 * time until the sweeper looks, never work.
 */
export function sendHint(c: ApiContext, hint: Promise<void>): void {
  const { log } = c.var.deps;
  hint.catch((error: unknown) => log.warn({ error, path: c.req.path }, 'engine could not be reached'));
}
