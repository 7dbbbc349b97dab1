import { describe, expect, test } from 'vitest';
import type { StepProgress } from '../../../../core/sync/progress.ts';
import { failedObjects } from './failed-objects.ts';

function failed(name: string, message: string, hook = false): StepProgress {
  return {
    attempt: 1,
    step: 0,
    phase: 'PreSync',
    wave: 0,
    action: 'apply',
    key: { group: '', kind: 'Service', namespace: 'prod', name },
    apiVersion: 'v1',
    hook,
    message,
    state: 'failed',
  };
}

describe('ui/features/sync-progress/failed-objects', () => {
  test('objects that failed for one cause share it and its remedy', () => {
    const cause = 'namespaces "prod" not found; add CreateNamespace=true to the sync options';
    expect(
      failedObjects([
        failed('a', `Service prod/a: ${cause}`),
        failed('b', 'port is taken'),
        failed('c', `Service prod/c: ${cause}`, true),
      ]),
    ).toEqual([
      {
        objects: ['Service prod/a', 'Service prod/c (PreSync hook)'],
        what: 'namespaces "prod" not found',
        remedy: 'add CreateNamespace=true to the sync options',
      },
      { objects: ['Service prod/b'], what: 'port is taken' },
    ]);
  });

  test('a failure without words says where to look', () => {
    expect(failedObjects([failed('a', '')])).toEqual([
      {
        objects: ['Service prod/a'],
        what: 'failed without a message',
        remedy: 'look at the object in the cluster',
      },
    ]);
  });
});
