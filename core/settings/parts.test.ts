import { describe, expect, it } from 'vitest';
import { changedParts, settingsParts, textOfPart } from './parts.ts';
import { readSettings } from './words/read-settings.ts';

const settingsOf = (cm: Record<string, string>, params: Record<string, string> = {}) =>
  readSettings({ 'argocd-cm': cm, 'argocd-cmd-params-cm': params }).settings;

const action = 'definitions:\n- name: go\n  action.lua: return obj\n';

/** What a key changes, and for whom. */
const concerned: readonly (readonly [key: string, text: string, parts: readonly string[]])[] = [
  ['ui.bannercontent', 'maintenance at night', []],
  ['users.session.duration', '2h', ['api']],
  ['webhook.maxPayloadSizeMB', '3', ['api']],
  ['resource.customizations.actions.apps_Deployment', action, ['api']],
  ['keelson.retention', 'audit: 1000h', ['operations']],
  ['kustomize.buildOptions', '--enable-helm', ['renders', 'api']],
  ['globalProjects', '- projectName: base\n', ['renders', 'operations', 'api', 'rbac']],
  ['resource.exclusions', '- kinds: [Lease]\n', ['sessions', 'operations', 'api']],
  ['resource.customizations.health.apps_Deployment', 'return {}', ['sessions', 'operations', 'api']],
  ['resource.sensitive.mask.annotations', 'secret', ['sessions', 'api']],
  ['application.resourceTrackingMethod', 'label', ['sessions', 'renders', 'operations', 'api']],
];

describe('parts of the settings', () => {
  it.each(concerned)('%s concerns those who read it and nobody else', (key, text, parts) => {
    const before = settingsOf({ 'resource.inclusions': '- kinds: ["*"]\n' });
    const after = settingsOf({ 'resource.inclusions': '- kinds: ["*"]\n', [key]: text });
    expect(changedParts(before, after)).toEqual(parts);
    expect(changedParts(after, before)).toEqual(parts);
  });

  it('knows keys of the parameters too', () => {
    const after = settingsOf({}, { 'controller.sync.timeout.seconds': '60' });
    expect(changedParts(settingsOf({}), after)).toEqual(['operations']);
    const homes = settingsOf({}, { 'application.namespaces': 'team-*' });
    expect(changedParts(settingsOf({}), homes)).toEqual(['sessions', 'operations', 'api']);
  });

  it('says nothing has changed where the same is written otherwise', () => {
    const one = settingsOf({ 'resource.exclusions': '- kinds: [Lease]\n' });
    expect(changedParts(one, settingsOf({ 'resource.exclusions': '[{"kinds": ["Lease"]}]' }))).toEqual([]);
  });

  it('keeps actions of a kind from sessions, and the health script beside them not', () => {
    const words = { 'resource.customizations.actions.apps_Deployment': action };
    const health = { ...words, 'resource.customizations.health.apps_Deployment': 'return {}' };
    expect(textOfPart(settingsOf(health), 'sessions')).not.toContain('definitions');
    expect(changedParts(settingsOf(words), settingsOf(health))).toContain('sessions');
  });

  it('leaves nothing of the settings without a reader', () => {
    const texts = settingsParts.map((part) => textOfPart(settingsOf({}), part)).join();
    for (const field of Object.keys(settingsOf({}))) expect(texts).toContain(`"${field}"`);
  });
});
