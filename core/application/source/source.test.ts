import { describe, expect, it } from 'vitest';
import { hasMultipleSources, instanceName, isRefOnly, repositoryKindOf, sourcesOf } from './source.ts';
import type { ApplicationSource } from './source-spec.ts';

const destination = { server: 'https://kubernetes.default.svc' };

describe('core/application/source', () => {
  it.each<[ApplicationSource, string]>([
    [{ repoURL: 'https://host/r', path: '.' }, 'git'],
    [{ repoURL: 'https://host/charts', chart: 'web' }, 'helm'],
    [{ repoURL: 'registry.host/charts', chart: 'web' }, 'helm'],
    [{ repoURL: 'oci://host/r' }, 'oci'],
    [{ repoURL: 'https://host/r', chart: '' }, 'git'],
  ])('knows the kind of repository of %j', (source, kind) => {
    expect(repositoryKindOf(source)).toBe(kind);
  });

  it('prefers a list of sources over the single one', () => {
    const source = { repoURL: 'a', path: '.' };
    const sources = [{ repoURL: 'b', path: '.' }];
    expect(sourcesOf({ project: 'default', source, sources, destination })).toBe(sources);
    expect(sourcesOf({ project: 'default', source, sources: [], destination })).toEqual([source]);
    expect(hasMultipleSources({ project: 'default', sources, destination })).toBe(true);
    expect(sourcesOf({ project: 'default', destination })).toEqual([]);
  });

  it('names an instance with its namespace only outside the home namespace', () => {
    const metadata = { name: 'web', namespace: 'team' };
    expect(instanceName({ metadata }, 'argocd')).toBe('team_web');
    expect(instanceName({ metadata }, 'team')).toBe('web');
    expect(instanceName({ metadata: { name: 'web' } }, 'argocd')).toBe('web');
  });

  it('knows a source that only lends its files', () => {
    expect(isRefOnly({ repoURL: 'a', ref: 'v' })).toBe(true);
    expect(isRefOnly({ repoURL: 'a', ref: 'v', path: '.' })).toBe(false);
    expect(isRefOnly({ repoURL: 'oci://a', ref: 'v' })).toBe(false);
    expect(isRefOnly({ repoURL: 'a', path: '.' })).toBe(false);
  });
});
