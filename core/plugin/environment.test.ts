import { describe, expect, it } from 'vitest';
import { impossibleVariable, pluginVariables } from './environment.ts';

const cluster = { kubeVersion: 'v1.33.1', apiVersions: ['v1', 'apps/v1'] };

describe('core/plugin/environment', () => {
  it('tells a plugin the cluster, its variables and its parameters', () => {
    const parameters = [
      { name: 'image-tag', string: 'v2' },
      { name: 'colors', array: ['red', 'green'] },
      { name: 'helm', map: { 'image.tag': 'x' } },
    ];
    const variables = pluginVariables(
      { env: [{ name: 'GREETING', value: 'hi NAME' }], parameters },
      cluster,
      (text) => text.replace('NAME', 'demo'),
    );
    expect(variables).toEqual({
      KUBE_VERSION: '1.33.1',
      KUBE_API_VERSIONS: 'v1,apps/v1',
      ARGOCD_ENV_GREETING: 'hi demo',
      ARGOCD_APP_PARAMETERS: JSON.stringify(parameters),
      PARAM_IMAGE_TAG: 'v2',
      PARAM_COLORS_0: 'red',
      PARAM_COLORS_1: 'green',
      PARAM_HELM_IMAGE_TAG: 'x',
    });
  });

  it('has an empty list for no parameters, and empty texts for an unknown cluster', () => {
    const variables = pluginVariables({}, { kubeVersion: undefined, apiVersions: undefined }, (text) => text);
    expect(variables).toEqual({ KUBE_VERSION: '', KUBE_API_VERSIONS: '', ARGOCD_APP_PARAMETERS: '[]' });
  });

  it('finds variables that no program can be started with', () => {
    expect(impossibleVariable({ A: '1', 'B=C': '2' })).toBe('B=C');
    expect(impossibleVariable({ A: 'a\0b' })).toBe('A');
    expect(impossibleVariable({ A: 'a=b' })).toBeUndefined();
  });
});
