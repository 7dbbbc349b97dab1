import { describe, expect, it } from 'vitest';
import { readSettings } from '../words/read-settings.ts';
import { overridesReply } from './override-reply.ts';

const reply = (cm: Record<string, string>) => overridesReply(readSettings({ 'argocd-cm': cm }).settings);

describe('core/settings/override-reply', () => {
  it('gives each override in the form in which it can be written', () => {
    const written = {
      'resource.customizations': `
apps/Deployment:
  health.lua: return {}
  health.lua.useOpenLibs: true
  ignoreResourceUpdates: |
    jqPathExpressions: [.status]
  actions: |
    discovery.lua: return {}
    definitions: [{name: go, action.lua: return obj}]
  knownTypeFields: [{field: spec, type: core/v1/PodSpec}]
Pod: {ignoreDifferences: "jsonPointers: [/spec/x]"}
`,
      'resource.compareoptions': 'ignoreResourceStatusField: none',
    };
    const shown = reply(written);
    expect(Object.keys(shown).sort()).toEqual(['Pod', 'apps/Deployment']);
    expect(shown['Pod']).toEqual({ ignoreDifferences: 'jsonPointers:\n  - /spec/x\n' });
    const again = { ...written, 'resource.customizations': JSON.stringify(shown) };
    expect(readSettings({ 'argocd-cm': again })).toEqual(readSettings({ 'argocd-cm': written }));
  });

  it.each([
    ['all', { '*/*': { ignoreDifferences: 'jsonPointers:\n  - /status\n' } }],
    [
      'crd',
      {
        'apiextensions.k8s.io/CustomResourceDefinition': {
          ignoreDifferences: 'jsonPointers:\n  - /status\n',
        },
      },
    ],
    ['none', {}],
  ])('shows ignored status fields as rules: %s', (word, expected) => {
    expect(reply({ 'resource.compareoptions': `ignoreResourceStatusField: ${word}` })).toEqual(expected);
  });

  it('joins them with the rules that are there', () => {
    const shown = reply({
      'resource.customizations.ignoreDifferences.all': 'jsonPointers: [/spec/replicas]',
    });
    expect(shown['*/*']).toEqual({ ignoreDifferences: 'jsonPointers:\n  - /spec/replicas\n  - /status\n' });
  });
});
