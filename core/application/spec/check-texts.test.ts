import { describe, expect, it } from 'vitest';
import { readApplication } from './read-application.ts';

function issuesOf(spec: object, metadata: object = {}): string[] {
  const { issues = [] } = readApplication({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'a', ...metadata },
    spec: {
      source: { repoURL: 'https://git.example.com/a.git', path: 'a' },
      destination: { name: 'in-cluster', namespace: 'a' },
      ...spec,
    },
  });
  return issues.map(({ path, message }) => `${path}: ${message}`);
}

const source = { repoURL: 'https://git.example.com/a.git', path: 'a' };

describe('core/application/check-texts', () => {
  it('names the field that is too long', () => {
    const destination = { name: 'in-cluster', namespace: 'n'.repeat(64) };
    expect(issuesOf({ destination })).toEqual([
      'spec.destination.namespace: has 64 characters, and may have 63; shorten it',
    ]);
    const sources = [source, { ...source, targetRevision: 'r'.repeat(1025) }];
    expect(issuesOf({ source: undefined, sources })).toEqual([
      'spec.sources[1].targetRevision: has 1025 characters, and may have 1024; shorten it',
    ]);
    const directory = { exclude: '*'.repeat(1025) };
    expect(issuesOf({ source: { ...source, directory } })).toEqual([
      'spec.source.directory.exclude: has 1025 characters, and may have 1024; shorten it',
    ]);
  });

  it('names the field that nothing can store', () => {
    expect(issuesOf({}, { annotations: { note: 'a\u0000' } })).toEqual([
      expect.stringMatching(/^metadata\.annotations\.note: holds the character U\+0000 .*take it out$/),
    ]);
    const helm = { parameters: [{ name: 'x', value: '\ud800' }] };
    expect(issuesOf({ source: { ...source, helm } })).toEqual([
      expect.stringContaining('spec.source.helm.parameters[0].value: holds'),
    ]);
  });

  it('refuses a pause between retries that no date can hold', () => {
    const backoff = { duration: '99999999999999h', maxDuration: '99999999999999h' };
    expect(issuesOf({ syncPolicy: { retry: { backoff } } })).toEqual([
      expect.stringContaining('spec.syncPolicy.retry.backoff.duration: "99999999999999h" is not a duration'),
      expect.stringContaining('spec.syncPolicy.retry.backoff.maxDuration'),
    ]);
  });
});
