import { describe, expect, it } from 'vitest';
import type { AttemptOutcome } from '../../core/sync/operation/outcome.ts';
import type { StopRequest } from '../messages.ts';
import { outcomeUnder } from './outcome.ts';

const fenced: AttemptOutcome = { phase: 'Fenced', message: 'another run has the fence' };
const failed: AttemptOutcome = { phase: 'Error', message: 'apply failed', retryable: true };

describe('workflows/outcome', () => {
  it.each<[string, StopRequest, AttemptOutcome, boolean, string]>([
    ['a run that lost its fence writes no end, whatever was asked', 'terminate', fenced, false, 'Fenced'],
    ['a run that lost its fence while it gave way neither', 'supersede', fenced, true, 'Fenced'],
    [
      'a termination is told as one, also where its cause was a failure',
      'terminate',
      failed,
      false,
      'Terminated',
    ],
    ['a run that gives way is superseded', 'supersede', failed, true, 'Superseded'],
    ['a run that fails before it gives way has failed', 'supersede', failed, false, 'Error'],
    ['without a request the failure counts', 'none', failed, false, 'Error'],
  ])('%s', (_title, requested, outcome, cancelled, phase) => {
    expect(outcomeUnder(requested, outcome, cancelled).phase).toBe(phase);
  });
});
