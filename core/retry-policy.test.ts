import { describe, expect, it } from 'vitest';
import { KeelsonError, type Transience } from './errors.ts';
import { concernsItself, isWorthAnotherTry, pauseAfter, transienceOf } from './retry-policy.ts';

const failed = (transience: Transience) => new KeelsonError('unavailable', 'of a test', { transience });

/** Pauses until a failure is final, up to ten of them. */
function pausesOf(error: unknown): number[] {
  const pauses: number[] = [];
  while (pauses.length < 10 && isWorthAnotherTry(error, pauses.length + 1)) {
    pauses.push(pauseAfter(error, pauses.length + 1));
  }
  return pauses;
}

describe('core/retry-policy', () => {
  it('tries what nobody explains three times, with growing pauses', () => {
    expect(pausesOf(failed('unexplained'))).toEqual([2000, 4000]);
    expect(pausesOf(new RangeError('of a test'))).toEqual([2000, 4000]);
  });

  it('tries a webhook that does not answer five times', () => {
    expect(pausesOf(failed('webhook'))).toEqual([500, 1000, 2000, 4000]);
  });

  it('goes on with an outage and with conflicts, every few seconds in the end', () => {
    const pauses = [250, 500, 1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000];
    expect(pausesOf(failed('unreachable'))).toEqual(pauses);
    expect(pausesOf(failed('conflict'))).toEqual(pauses);
  });

  it('tries a refusal once', () => {
    expect(pausesOf(new KeelsonError('object-invalid', 'of a test'))).toEqual([]);
  });

  it('takes a retryable error without a class for an outage', () => {
    expect(transienceOf(new KeelsonError('timeout', 'of a test', { retryable: true }))).toBe('unreachable');
  });

  it('tells what says something of one object from what all would meet', () => {
    expect(
      ['webhook', 'unexplained', 'unreachable', 'conflict'].map((one) =>
        concernsItself(failed(one as Transience)),
      ),
    ).toEqual([true, true, false, false]);
    expect(concernsItself(new KeelsonError('object-invalid', 'of a test'))).toBe(false);
  });
});
