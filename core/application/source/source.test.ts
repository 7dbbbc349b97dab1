import { describe, expect, it } from 'vitest';
import {
  hasMultipleSources,
  instanceName,
  isRefOnly,
  repositoryKindOf,
  sourceKindOf,
  sourcesOf,
} from './source.ts';
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

  it.each<[string, ApplicationSource, string[], string]>([
    ['plain files', { repoURL: 'a' }, ['deploy.yaml'], 'Directory'],
    ['Chart.yaml', { repoURL: 'a' }, ['Chart.yaml', 'values.yaml'], 'Helm'],
    ['a name ending in Chart.yaml', { repoURL: 'a' }, ['myChart.yaml'], 'Helm'],
    ['kustomization.yaml', { repoURL: 'a' }, ['kustomization.yaml'], 'Kustomize'],
    ['Kustomization', { repoURL: 'a' }, ['Kustomization'], 'Kustomize'],
    ['both, where the later name wins', { repoURL: 'a' }, ['kustomization.yaml', 'Chart.yaml'], 'Kustomize'],
    ['a later chart name beside Kustomization', { repoURL: 'a' }, ['myChart.yaml', 'Kustomization'], 'Helm'],
    [
      'an explicit block against the files',
      { repoURL: 'a', directory: { recurse: true } },
      ['Chart.yaml'],
      'Directory',
    ],
    ['a chart', { repoURL: 'a', chart: 'web' }, [], 'Helm'],
    ['a plugin block', { repoURL: 'a', plugin: { name: 'p' } }, [], 'Plugin'],
  ])('detects the tool from %s', (_name, source, files, kind) => {
    expect(sourceKindOf(source, files)).toBe(kind);
  });

  it('refuses two explicit blocks', () => {
    const source = { repoURL: 'a', helm: { releaseName: 'x' }, plugin: { name: 'p' } };
    expect(() => sourceKindOf(source, [])).toThrow('multiple application sources defined: helm, plugin');
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
