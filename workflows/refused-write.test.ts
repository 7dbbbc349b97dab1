import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { refusedWrite } from './refused-write.ts';

const failed = (cause: Error) =>
  new ActivityFailure('activity failed', 'writeForAction', undefined, RetryState.TIMEOUT, undefined, cause);

describe('a write of an action that could not be made', () => {
  it('is refused for its time, which was an hour', () => {
    const message = 'the cluster could not be reached for an hour';
    const refused = { state: 'refused', code: 'timeout', message, retryable: false };
    expect(
      refusedWrite(failed(new TimeoutFailure('over', undefined, TimeoutType.SCHEDULE_TO_CLOSE))),
    ).toEqual(refused);
  });

  it('is refused for an error that no further try can pass', () => {
    const refused = { state: 'refused', code: 'internal', message: 'not stored', retryable: false };
    expect(refusedWrite(failed(ApplicationFailure.nonRetryable('not stored')))).toEqual(refused);
  });

  it('ends the workflow where it was cancelled, or for anything else', () => {
    expect(refusedWrite(failed(new CancelledFailure('over')))).toBeUndefined();
    expect(refusedWrite(new Error('unknown'))).toBeUndefined();
  });
});
