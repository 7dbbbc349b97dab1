import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { KeelsonError } from '../core/errors.ts';
import { toFailure } from './failure.ts';

const away = Object.assign(new Error('of a test'), { code: 'ECONNREFUSED' });

describe('activities/failure', () => {
  it.each([
    [
      'an outage',
      new KeelsonError('cluster-unreachable', 'east is away', { retryable: true }),
      [1, 2, 50],
      [],
    ],
    ['an absence of the database', away, [1, 3, 50], []],
    ['a webhook that is down', new KeelsonError('unavailable', 'no', { transience: 'webhook' }), [1, 4], [5]],
    [
      'an answer without an explanation',
      new KeelsonError('unavailable', 'no', { transience: 'unexplained' }),
      [1, 2],
      [3],
    ],
    ['a fault', new RangeError('Maximum call stack size exceeded'), [1, 2], [3, 4]],
    ['a refusal', new KeelsonError('object-invalid', 'no'), [], [0, 1]],
  ] as const)('tells after how many tries %s is final', (_, error, again, final) => {
    const isFinal = (tries: number) => (toFailure(error, { tries }) as ApplicationFailure).nonRetryable;
    expect(again.map(isFinal)).toEqual(again.map(() => false));
    expect(final.map(isFinal)).toEqual(final.map(() => true));
  });

  it('keeps the code and the words of an expected error', () => {
    const failure = toFailure(new KeelsonError('render-failed', 'chart: no such value'), { tries: 1 });
    expect(failure).toMatchObject({ type: 'render-failed', message: 'chart: no such value' });
  });

  it('passes on nothing that the text of a foreign error may quote', () => {
    const cause = Object.assign(new Error('invalid byte sequence: hunter2'), { code: '22021' });
    const error = new Error('Failed query: insert into x\nparams: hunter2', { cause });
    expect(toFailure(error, { tries: 1 })).toMatchObject({
      type: 'internal',
      message: 'internal error (Error, code 22021)',
    });
  });

  it('is a cancellation where the activity was cancelled, and leaves failures of Temporal as they are', () => {
    expect(toFailure(away, { tries: 1, signal: AbortSignal.abort() })).toBeInstanceOf(CancelledFailure);
    const failure = ApplicationFailure.create({ type: 'fenced' });
    expect(toFailure(failure, { tries: 9 })).toBe(failure);
  });
});
