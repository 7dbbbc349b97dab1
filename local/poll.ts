import { setTimeout as delay } from 'node:timers/promises';
import { KeelsonError } from '../core/errors.ts';

/** Tries until a condition holds; throws with `what` in the message when time runs out. */
export async function pollUntil(
  what: string,
  timeoutSeconds: number,
  condition: () => Promise<boolean> | boolean,
  intervalMs = 50,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      if (await condition()) return;
      last = undefined;
    } catch (cause) {
      if (cause instanceof KeelsonError && !cause.retryable) throw cause;
      last = cause; // not ready is the normal answer at first; kept for the message
    }
    if (Date.now() >= deadline) {
      throw new KeelsonError('timeout', `${what} not ready after ${timeoutSeconds} s`, {
        cause: last,
        retryable: true,
      });
    }
    await delay(intervalMs);
  }
}
