import { describe, expect, it } from 'vitest';
import { answerRequests, inputsInMemory, memoryTree } from '../../test/support/render/memory-tree.ts';
import { defaultToolSettings } from '../settings/words/tool-settings.ts';
import { inputsOf } from './inputs-of.ts';
import { tools } from './tools.ts';

const files = {
  'chart/Chart.yaml': '{"name": "web"}',
  'chart/templates/lib': '@ 1',
  'built/kustomization.yaml': '{"resources": ["../other"]}',
  other: '@ 1',
  'plain/a.yaml': 'a: 1',
};

describe('core/render/tools', () => {
  it('names the submodules to fetch for charts alone: others may lead from one into the next', () => {
    expect(inputsInMemory(files, { path: 'chart' }).submodules).toEqual(['chart/templates/lib']);
    expect(inputsInMemory(files, { path: 'built' }).submodules).toBeUndefined();
  });

  it('leaves to the worker itself the files of plain directories alone', () => {
    const readInProcess = (path: string) => inputsInMemory(files, { path }).readInProcess;
    expect(['plain', 'chart', 'built'].filter(readInProcess)).toEqual(['plain']);
  });

  it('counts the plugin files of the settings for what plugins render alone', () => {
    expect(inputsInMemory(files, { path: 'plain', plugin: { name: 'p' } }).plugins).toBe(true);
    expect(inputsInMemory(files, { path: 'plain' }).plugins).toBe(false);
  });

  it('takes the value files that another source lends to a chart from elsewhere', () => {
    const source = { repoURL: 'https://charts.test', chart: 'web', helm: { valueFiles: ['$v/values.yaml'] } };
    const analysis = inputsOf({
      source,
      tools,
      tree: undefined,
      refs: new Map([['v', memoryTree({ 'values.yaml': 'a: 1' })]]),
      instance: 'demo',
      substitute: (text) => text,
      enabled: defaultToolSettings.enabled,
    });
    const { lent, cluster, tool } = answerRequests(analysis, {});
    expect(lent.get('v')).toContainEqual({ kind: 'entry', path: 'values.yaml' });
    expect({ cluster, tool }).toEqual({ cluster: true, tool: undefined });
  });
});
