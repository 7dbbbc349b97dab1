import { setTimeout as sleep } from 'node:timers/promises';
import { KeelsonError } from '../../core/errors.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import { parseInteger } from '../flags/flag-value.ts';

/** A limit on a wait: `signal` fires when time runs out or the command is ended. */
export type Deadline = {
  readonly signal: AbortSignal;
  /** The error to end with, if it was the time that ran out. */
  expired(what: string): KeelsonError | undefined;
};

/** Reads `--timeout`, in seconds; 0 is without limit. */
export function parseTimeout(text: string): number {
  const seconds = parseInteger(text, '--timeout');
  if (seconds >= 0) return seconds;
  throw new KeelsonError('invalid-argument', `--timeout "${text}" is negative; use 0 to wait without limit`);
}

/** Starts the clock; 0 seconds never fire. */
export function startDeadline(seconds: number, parent: AbortSignal | undefined): Deadline {
  const limit = seconds > 0 ? AbortSignal.timeout(seconds * 1000) : undefined;
  const signals = [limit, parent].filter((signal) => signal !== undefined);
  return {
    signal: anySignal(signals),
    expired(what) {
      if (limit?.aborted !== true || parent?.aborted === true) return undefined;
      return new KeelsonError('timeout', `timed out (${seconds}s) waiting for ${what}`);
    },
  };
}

const pollMilliseconds = 500;

/** Asks again and again until there is an answer, or the signal fires. */
export async function pollUntil<Answer>(
  signal: AbortSignal,
  look: () => Promise<Answer | undefined>,
): Promise<Answer> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await look();
    if (answer !== undefined) return answer;
    await sleep(pollMilliseconds, undefined, { signal });
  }
}
