import { describe, expect, test } from 'vitest';
import type { ActionParameter } from '../../../core/action/action.ts';
import { labelOf, problemsOf, sentValues, startValues } from './action-form.ts';

const parameters: readonly ActionParameter[] = [
  { name: 'replicas', type: 'number', default: '2' },
  { name: 'instance' },
];

describe('ui/features/resource-actions/action-form', () => {
  test('an action without a display name is called by its own name in words', () => {
    expect(labelOf({ name: 'create-job', displayName: 'Create Job' })).toBe('Create Job');
    expect(labelOf({ name: 'create-job' })).toBe('Create job');
    expect(labelOf({ name: 'skip_current_step', displayName: ' ' })).toBe('Skip current step');
  });

  test('the form starts with the defaults, and an untouched one sends them', () => {
    const values = startValues(parameters);
    expect(values).toEqual({ replicas: '2', instance: '' });
    expect(sentValues(parameters, values)).toEqual([
      { name: 'replicas', value: '2' },
      { name: 'instance', value: '' },
    ]);
  });

  test('a number has to be one; a text may be anything', () => {
    expect(problemsOf(parameters, { replicas: '0', instance: '' })).toEqual({});
    expect(problemsOf(parameters, { replicas: ' ', instance: 'a' })).toEqual({ replicas: 'give a number' });
    expect(problemsOf(parameters, { replicas: 'two' })).toEqual({ replicas: 'give a number' });
  });
});
