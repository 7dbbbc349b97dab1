import { describe, expect, it } from 'vitest';
import type { ApplicationSource } from '../application/source/source-spec.ts';
import { defaultToolSettings } from '../settings/words/tool-settings.ts';
import { isToolChosen, isToolFile, recogniseTool } from './recognise.ts';
import { sourceKindOf, tools } from './tools.ts';

describe('core/render/recognise', () => {
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

  it('reads the sources of a tool that is switched off as plain directories', () => {
    const enabled = { ...defaultToolSettings.enabled, helm: false };
    const chosen = (source: ApplicationSource, files: string[]) =>
      recogniseTool(tools, source, files, enabled);
    expect(chosen({ repoURL: 'a' }, ['Chart.yaml'])).toBe('Directory');
    expect(chosen({ repoURL: 'a', helm: {} }, [])).toBe('Directory');
    expect(chosen({ repoURL: 'a', chart: 'web' }, [])).toBe('Directory');
    expect(chosen({ repoURL: 'a' }, ['Kustomization', 'myChart.yaml'])).toBe('Kustomize');
  });

  it('counts for the choice of a tool exactly the names that a tool is recognised by', () => {
    const names = ['Chart.yaml', 'myChart.yaml', 'kustomization.yaml', 'kustomization.yml', 'Kustomization'];
    const others = ['chart.yaml', 'Chart.yml', 'my-kustomization.yaml', 'Kustomization.yaml', 'deploy.yaml'];
    expect([...names, ...others].filter((name) => isToolFile(tools, name))).toEqual(names);
  });

  it('knows a source that names its tool itself', () => {
    expect(isToolChosen(tools, { repoURL: 'a', directory: {} })).toBe(true);
    expect(isToolChosen(tools, { repoURL: 'a', chart: 'web', path: '.' })).toBe(false);
  });
});
