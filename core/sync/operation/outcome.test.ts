import { describe, expect, it } from 'vitest';
import { type AttemptOutcome, isRetryable, outcomeWords } from './outcome.ts';

const failed: AttemptOutcome = { phase: 'Failed', message: 'web: refused', retryable: true };
const unreachable = (after: AttemptOutcome): AttemptOutcome => ({
  phase: 'Error',
  message: 'cluster prod does not answer',
  retryable: after.phase !== 'Terminated',
  after,
});

describe('core/sync/outcome', () => {
  it.each<[AttemptOutcome, string]>([
    [{ phase: 'Succeeded' }, 'successfully synced (all tasks run)'],
    [{ phase: 'Terminated' }, 'Operation terminated'],
    [{ phase: 'Superseded' }, 'superseded by a newer revision'],
    [{ phase: 'Fenced', message: 'another run took over' }, 'another run took over'],
    [failed, 'web: refused'],
    [unreachable(failed), 'web: refused; ending the hooks failed: cluster prod does not answer'],
    [
      unreachable({ phase: 'Succeeded' }),
      'successfully synced (all tasks run); ending the hooks failed: cluster prod does not answer',
    ],
    [unreachable({ phase: 'Terminated' }), 'Operation termination had errors: cluster prod does not answer'],
  ])('says of %j: %s', (outcome, words) => {
    expect(outcomeWords(outcome)).toBe(words);
  });

  it('makes again only what failed for a reason that may not last', () => {
    expect(isRetryable(failed)).toBe(true);
    expect(isRetryable(unreachable({ phase: 'Terminated' }))).toBe(false);
    expect(isRetryable({ phase: 'Superseded' })).toBe(false);
  });
});
