import { describe, expect, test } from 'vitest';
import type { Application } from '../../core/application/spec/spec.ts';
import { applyEvents, indexApplications } from './application-events.ts';

function application(name: string, revision = 'HEAD'): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name },
    spec: {
      project: 'default',
      source: { repoURL: 'https://git.example/a', path: '.', targetRevision: revision },
      destination: {},
    },
  };
}

describe('ui/state/application-events', () => {
  test('an added application takes its place by name', () => {
    const before = indexApplications([application('c'), application('a')]);
    const after = applyEvents(before, [{ type: 'ADDED', application: application('b') }]);
    expect([...after.keys()]).toEqual(['a', 'b', 'c']);
  });

  test('a batch applies in order: changed, then deleted', () => {
    const before = indexApplications([application('a'), application('b')]);
    const after = applyEvents(before, [
      { type: 'MODIFIED', application: application('b', 'v2') },
      { type: 'DELETED', application: application('a') },
    ]);
    expect([...after.keys()]).toEqual(['b']);
    expect(after.get('b')?.spec.source?.targetRevision).toBe('v2');
    expect(before.size).toBe(2);
  });

  test('applications of one name in two namespaces are two', () => {
    const there = (namespace: string, revision?: string): Application => ({
      ...application('web', revision),
      metadata: { name: 'web', namespace },
      status: { controllerNamespace: 'argocd' },
    });
    const before = indexApplications([there('team'), there('argocd')]);
    expect([...before.keys()]).toEqual(['argocd/web', 'team/web']);
    const after = applyEvents(before, [
      { type: 'MODIFIED', application: there('team', 'v2') },
      // Nothing is known any more of how it was.
      {
        type: 'DELETED',
        application: { ...application('web'), metadata: { name: 'web', namespace: 'argocd' } },
      },
    ]);
    expect([...after.keys()]).toEqual(['team/web']);
    expect(after.get('team/web')?.spec.source?.targetRevision).toBe('v2');
  });
});
