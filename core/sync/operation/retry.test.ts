import { describe, expect, it } from 'vitest';
import { parseRetry, retryDelaySeconds, shouldRetry } from './retry.ts';

describe('core/sync/retry: pauses that dates and timers hold', () => {
  it.each([
    [
      'durations without an end',
      { durationSeconds: 3.6e17, factor: 2, maxDurationSeconds: 3.6e17 },
      31 * 24 * 3600,
    ],
    ['a growth without an end', { durationSeconds: 1, factor: 1e300, maxDurationSeconds: 60 }, 60],
    ['nothing that grows without an end', { durationSeconds: 0, factor: 1e300, maxDurationSeconds: 60 }, 0],
  ])('%s', (_, backoff, seconds) => {
    expect(retryDelaySeconds({ limit: -1, backoff, refresh: false }, 2)).toBe(seconds);
  });
});

describe('core/sync/retry', () => {
  it('retries nothing without a block and has the defaults of the reference', () => {
    expect(parseRetry(undefined)).toEqual({
      limit: 0,
      backoff: { durationSeconds: 5, factor: 2, maxDurationSeconds: 180 },
      refresh: false,
    });
  });

  it('reads durations with and without a unit and honours a factor of 0', () => {
    const retry = parseRetry({
      limit: 3,
      backoff: { duration: '7', factor: 0, maxDuration: '1m30s' },
      refresh: true,
    });
    expect(retry).toEqual({
      limit: 3,
      backoff: { durationSeconds: 7, factor: 0, maxDurationSeconds: 90 },
      refresh: true,
    });
    expect(retryDelaySeconds(retry, 1)).toBe(0);
  });

  it('refuses a duration that cannot be read', () => {
    expect(() => parseRetry({ backoff: { duration: 'soon' } })).toThrow(/"soon"/);
  });

  it('waits longer each time up to the maximum, counting the failure that has just happened', () => {
    const retry = parseRetry({ limit: -1 });
    expect([1, 2, 3, 4, 5, 6, 60].map((count) => retryDelaySeconds(retry, count))).toEqual([
      10, 20, 40, 80, 160, 180, 180,
    ]);
  });

  it.each([
    [0, 0, false],
    [2, 0, true],
    [2, 1, true],
    [2, 2, false],
    [-1, 1000, true],
  ])('with limit %d after %d retries decides %s', (limit, count, expected) => {
    expect(shouldRetry(parseRetry({ limit }), count)).toBe(expected);
  });
});
