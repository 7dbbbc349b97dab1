import { describe, expect, test } from 'vitest';
import type { Application } from '../../core/application/spec/spec.ts';
import {
  activityOf,
  destinationOf,
  lastSyncOf,
  pathAtRevision,
  policyText,
  shortRepository,
  sourceLinesOf,
  sourceTitle,
} from './application-facts.ts';

function application(change: Partial<Application> = {}): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web' },
    spec: { project: 'default', destination: {} },
    ...change,
  };
}

type Operation = { readonly sync?: { readonly dryRun: boolean } };

function withPhase(phase: 'Running' | 'Terminating' | 'Failed' | 'Error' | 'Succeeded'): Application {
  return application({ status: { operationState: { operation: {}, phase, startedAt: '' } } });
}

describe('ui/model/application-facts', () => {
  test('a deletion shows before anything else that is going on', () => {
    const deleting = { name: 'web', deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(activityOf({ ...withPhase('Running'), metadata: deleting })?.text).toBe('Deleting');
  });

  test.each([
    ['Running', 'Syncing'],
    ['Terminating', 'Terminating'],
    ['Failed', 'Sync failed'],
    ['Error', 'Sync error'],
    ['Succeeded', undefined],
  ] as const)('an operation that is %s reads %s', (phase, text) => {
    expect(activityOf(withPhase(phase))?.text).toBe(text);
  });

  test.each([
    ['Running', 'sync began', '2026-01-01T00:00:00Z'],
    ['Terminating', 'sync began', '2026-01-01T00:00:00Z'],
    ['Failed', 'sync failed', '2026-01-01T00:01:00Z'],
    ['Error', 'sync failed', '2026-01-01T00:01:00Z'],
    ['Succeeded', 'synced', '2026-01-01T00:01:00Z'],
  ] as const)('the last operation that is %s reads "%s"', (phase, text, time) => {
    const state = (operation: Operation) => ({
      operation,
      phase,
      startedAt: '2026-01-01T00:00:00Z',
      ...(text === 'sync began' ? {} : { finishedAt: '2026-01-01T00:01:00Z' }),
    });
    const of = (operation: Operation) =>
      lastSyncOf(application({ status: { operationState: state(operation) } }));
    expect(of({})).toEqual({ text, time });
    expect(of({ sync: { dryRun: true } })).toEqual({ text: `dry run, ${text}`, time });
  });

  test('what was never synced has no last operation, whatever its policy', () => {
    expect(lastSyncOf(application())).toBeUndefined();
    const policy = (automated?: { prune: boolean; selfHeal: boolean } | Record<never, never>) =>
      policyText(
        application({
          spec: { project: 'default', destination: {}, ...(automated && { syncPolicy: { automated } }) },
        }),
      );
    expect(policy()).toBe('Sync policy: manual');
    expect(policy({})).toBe('Sync policy: automatic');
    expect(policy({ prune: true, selfHeal: true })).toBe('Sync policy: automatic, prunes, heals itself');
  });

  test('a request that has not started yet counts as syncing', () => {
    expect(activityOf(application({ operation: {} }))?.text).toBe('Syncing');
  });

  test('repository addresses lose their scheme, credentials and suffix', () => {
    expect(shortRepository('https://user@git.example/shop/deploy.git')).toBe('git.example/shop/deploy');
    expect(shortRepository('https://u:p@ss@git.example/shop/deploy.git')).toBe('git.example/shop/deploy');
    expect(shortRepository('git@git.example:shop/deploy.git')).toBe('git@git.example:shop/deploy');
  });

  test('a source shows its path or chart with the revision, and how many more there are', () => {
    const source = { repoURL: 'https://git.example/a', path: 'web' };
    const two = application({
      spec: { project: 'default', destination: {}, sources: [source, { ...source, chart: 'b' }] },
    });
    expect(sourceLinesOf(two)).toEqual({ repository: 'git.example/a + 1 more', place: 'web @ HEAD' });
  });

  test('of several sources the first that renders something stands for all', () => {
    const sources = [
      { repoURL: 'https://git.example/values', ref: 'values', targetRevision: 'v1' },
      { repoURL: 'https://charts.example', chart: 'nginx', targetRevision: '1.2.3' },
    ];
    const listed = application({ spec: { project: 'default', destination: {}, sources } });
    expect(sourceLinesOf(listed)).toEqual({ repository: 'charts.example + 1 more', place: 'nginx @ 1.2.3' });
    expect(sources.map(pathAtRevision)).toEqual(['$values @ v1', 'nginx @ 1.2.3']);
    expect(sources.map(sourceTitle)).toEqual(['git.example/values $values', 'charts.example nginx']);
  });

  test('the own cluster goes by its name', () => {
    const destination = { server: 'https://kubernetes.default.svc', namespace: 'shop' };
    expect(destinationOf(application({ spec: { project: 'default', destination } }))).toBe(
      'in-cluster / shop',
    );
  });
});
