import { describe, expect, it } from 'vitest';
import { readSettingsFile } from './config-maps.ts';

const configMap = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`;

describe('core/settings/config-maps', () => {
  it('takes its ConfigMaps out of a manifest and passes over the rest', () => {
    const text = [
      configMap('argocd-cm', '{url: "https://a", resource.exclusions: "- {kinds: [A]}"}'),
      configMap('argocd-rbac-cm', '{policy.csv: ""}'),
      'apiVersion: v1\nkind: Secret\nmetadata: {name: argocd-cm}\n',
      configMap('argocd-cmd-params-cm', '{server.insecure: "true"}'),
    ].join('---\n');
    expect(readSettingsFile(text, 'install.yaml')).toEqual({
      'argocd-cm': { url: 'https://a', 'resource.exclusions': '- {kinds: [A]}' },
      'argocd-cmd-params-cm': { 'server.insecure': 'true' },
      'argocd-rbac-cm': { 'policy.csv': '' },
    });
  });

  it.each([
    [
      configMap('other', '{}'),
      'cm.yaml: holds no ConfigMap named argocd-cm or argocd-cmd-params-cm or argocd-cmp-cm or argocd-rbac-cm; give',
    ],
    [
      configMap('argocd-cm', '{exec.enabled: true}'),
      'cm.yaml: ConfigMap argocd-cm: exec.enabled must be a text',
    ],
    [
      `${configMap('argocd-cm', '{}')}---\n${configMap('argocd-cm', '{}')}`,
      'cm.yaml: ConfigMap argocd-cm stands in it twice; remove one',
    ],
    ['a: [', 'cm.yaml:1'],
  ])('refuses what it can not use', (text, message) => {
    expect(() => readSettingsFile(text, 'cm.yaml')).toThrow(message);
  });
});
