import { describe, expect, it } from 'vitest';
import { hiddenWord, hideWords, restoreHidden } from './hidden-words.ts';

const nobody = () => () => {};

describe('core/settings/hidden-words', () => {
  it.each([
    'dex.config',
    'oidc.config',
    'repositories',
    'accounts.alice',
    'webhook.github.secret',
    'webhook.bitbucket.uuid',
    'webhook.azuredevops.username',
    'extension.config.metrics',
    'some.token',
  ])('hides %s', (key) => {
    expect(hideWords({ 'argocd-cm': { [key]: 'canary' } })).toEqual({ 'argocd-cm': { [key]: hiddenWord } });
  });

  it.each(['url', 'passwordPattern', 'resource.customizations.health.Secret', 'resource.exclusions'])(
    'shows %s',
    (key) => {
      expect(hideWords({ 'argocd-cm': { [key]: 'x' } })).toEqual({ 'argocd-cm': { [key]: 'x' } });
    },
  );

  it('fills in what is hidden and reports what can not be', () => {
    const missing: string[] = [];
    const restored = restoreHidden(
      { 'argocd-cm': { 'dex.config': hiddenWord, 'oidc.config': hiddenWord, url: 'new' } },
      { 'argocd-cm': { 'dex.config': 'kept', url: 'old' } },
      (configMap, key) => () => missing.push(`${configMap} ${key}`),
    );
    expect(restored).toEqual({
      'argocd-cm': { 'dex.config': 'kept', 'oidc.config': hiddenWord, url: 'new' },
    });
    expect(missing).toEqual(['argocd-cm oidc.config']);
    expect(restoreHidden({}, { 'argocd-cm': { url: 'x' } }, nobody)).toEqual({});
  });
});
