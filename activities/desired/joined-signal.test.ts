import { ActivityCancellationDetails } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { joinedSignal } from './joined-signal.ts';

/** What an activity hears when it is cancelled for a reason. */
function cancelled(reason: 'cancelRequested' | 'notFound' | 'timedOut' | 'workerShutdown') {
  const stopping = new AbortController();
  const context = {
    cancellationSignal: stopping.signal,
    cancellationDetails: new ActivityCancellationDetails({ [reason]: true }),
  };
  return { context, cancel: () => stopping.abort(new Error(reason)) };
}

describe('activities/desired/joined-signal', () => {
  it.each(['cancelRequested', 'timedOut', 'workerShutdown'] as const)(
    'stops when it is told %s',
    (reason) => {
      const { context, cancel } = cancelled(reason);
      const before = joinedSignal(context);
      expect(before.aborted).toBe(false);
      cancel();
      expect(before.reason).toMatchObject({ message: reason });
      expect(joinedSignal(context).aborted).toBe(true);
    },
  );

  it('goes on when nobody waits any longer, for whoever asks next', () => {
    const { context, cancel } = cancelled('notFound');
    const before = joinedSignal(context);
    cancel();
    expect([before.aborted, joinedSignal(context).aborted]).toEqual([false, false]);
  });
});
