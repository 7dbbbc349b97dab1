import { describe, expect, test } from 'vitest';
import type { Application } from '../../../core/application/spec/spec.ts';
import type { HealthStatus, SyncStatus } from '../../../core/application/words.ts';
import { choicesOf, filterApplications, isNarrowed, readFilter, toggled } from './filter.ts';

function application(name: string, project: string, sync: SyncStatus, health?: HealthStatus): Application {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name },
    spec: { project, destination: { namespace: `${name}-ns` } },
    status: { sync: { status: sync }, ...(health === undefined ? {} : { health: { status: health } }) },
  };
}

const all = [
  application('web', 'shop', 'Synced', 'Healthy'),
  application('api', 'shop', 'OutOfSync', 'Degraded'),
  application('db', 'data', 'Synced'),
];

function names(address: string): string[] {
  return filterApplications(all, readFilter(new URLSearchParams(address))).map((one) => one.metadata.name);
}

describe('ui/features/applications-list/filter', () => {
  test('an address without filters shows everything', () => {
    expect(names('')).toEqual(['web', 'api', 'db']);
    expect(isNarrowed(readFilter(new URLSearchParams('view=table')))).toBe(false);
  });

  test('search looks at names and namespaces, without case and for every word', () => {
    expect(names('search=WEB')).toEqual(['web']);
    expect(names('search=-ns')).toHaveLength(3);
    expect(names('search=web+db')).toEqual([]);
  });

  test('choices of one field widen and different fields narrow', () => {
    expect(names('sync=Synced,OutOfSync')).toHaveLength(3);
    expect(names('sync=Synced&proj=data')).toEqual(['db']);
  });

  test('an application whose health was never assessed counts as unknown', () => {
    expect(names('health=Unknown')).toEqual(['db']);
  });

  test('a count says how many applications a choice would show beside the other filters', () => {
    const filter = readFilter(new URLSearchParams('proj=shop&sync=Synced'));
    expect(choicesOf('sync', all, filter)).toEqual([
      { value: 'Synced', count: 1 },
      { value: 'OutOfSync', count: 1 },
      { value: 'Unknown', count: 0 },
    ]);
    expect(choicesOf('projects', all, filter)).toEqual([
      { value: 'data', count: 1 },
      { value: 'shop', count: 1 },
    ]);
  });

  test('clicking a choice adds it, and clicking it again removes it', () => {
    expect(toggled(new Set(['b']), 'a')).toBe('a,b');
    expect(toggled(new Set(['a']), 'a')).toBeUndefined();
  });
});
