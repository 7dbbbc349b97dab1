import type { RetryStrategy } from '../../application/spec/sync-policy.ts';
import { parseDuration } from '../../text/duration.ts';
import type { RetrySpec } from './operation.ts';

const defaultDurationSeconds = 5;
const defaultFactor = 2;
/** A month: dates and timers have ends, and durations that people write have none. */
const longestDelaySeconds = 31 * 24 * 3600;
const defaultMaxDurationSeconds = 180;

/** Retries of an automated sync whose application says nothing about them. */
export const automatedRetryLimit = 5;

/** Reads a retry block; without one nothing is retried. A factor of 0 counts, it means no wait after the first. */
export function parseRetry(retry: RetryStrategy | undefined): RetrySpec {
  const { duration, factor, maxDuration } = retry?.backoff ?? {};
  return {
    limit: retry?.limit ?? 0,
    backoff: {
      durationSeconds: duration ? parseDuration(duration) : defaultDurationSeconds,
      factor: factor ?? defaultFactor,
      maxDurationSeconds: maxDuration ? parseDuration(maxDuration) : defaultMaxDurationSeconds,
    },
    refresh: retry?.refresh ?? false,
  };
}

/**
 * Seconds to wait before a retry. `retryCount` counts the failure that has just happened, so the first wait is
 * duration x factor: 10 s by default, as the reference really waits, although its message speaks of 5 s.
 */
export function retryDelaySeconds(retry: RetrySpec, retryCount: number): number {
  const { durationSeconds, factor, maxDurationSeconds } = retry.backoff;
  const delay = Math.min(maxDurationSeconds, durationSeconds * factor ** retryCount, longestDelaySeconds);
  // Nothing times an infinite growth is no number.
  return Number.isNaN(delay) ? 0 : delay;
}

/** Whether another attempt follows after `retryCount` retries have been made. */
export function shouldRetry(retry: RetrySpec, retryCount: number): boolean {
  return retry.limit < 0 || retryCount < retry.limit;
}
