import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../settings.ts';
import { formatSettingsProblem } from './problem.ts';
import { readSettings } from './read-settings.ts';

/** What reading one ConfigMap says: the settings that differ from the defaults, and the problems as lines. */
function read(cm: Record<string, string>, params: Record<string, string> = {}) {
  const { settings, problems } = readSettings({ 'argocd-cm': cm, 'argocd-cmd-params-cm': params });
  return { settings, lines: problems.map(formatSettingsProblem), weights: problems.map((one) => one.weight) };
}

describe('core/settings/read-settings', () => {
  it('gives the defaults where nothing is set', () => {
    expect(readSettings({})).toEqual({ settings: defaultSettings, problems: [] });
    expect(defaultSettings).toMatchObject({
      tracking: { method: 'annotation' },
      ignoredStatus: 'all',
      ignoreResourceUpdatesEnabled: true,
      ignoreDifferencesOnResourceUpdates: true,
      syncTimeoutSeconds: 0,
    });
  });

  it('reads a plugin out of each key of its ConfigMap, and tells of those that can not be used', () => {
    const file = (name: string) =>
      `kind: ConfigManagementPlugin\nmetadata: {name: ${name}}\nspec: {generate: {command: [make]}}\n`;
    const { settings, problems } = readSettings({
      'argocd-cmp-cm': {
        'b.yaml': file('two'),
        'a.yaml': file('one'),
        'c.yaml': file('one'),
        'd.yaml': 'kind: X',
      },
    });
    expect(settings.tools.plugins.map(({ address }) => address)).toEqual(['one', 'two']);
    expect(problems.map(formatSettingsProblem)).toEqual([
      'argocd-cmp-cm: c.yaml: names its plugin one, as another key does; change name or version of one',
      expect.stringContaining('argocd-cmp-cm: d.yaml: metadata'),
      expect.stringContaining('argocd-cmp-cm: d.yaml: spec'),
    ]);
  });

  it('reads global projects, and refuses words of theirs that can not be read', () => {
    const { settings, lines } = read({ globalProjects: '- projectName: base\n' });
    expect({ lines, globals: settings.globalProjects }).toEqual({
      lines: [],
      globals: [{ projectName: 'base', labelSelector: {} }],
    });
    const wrong =
      '- labelSelector: {matchExpressions: [{key: a, operator: Is}]}\n  projectName: base\n- {}\n';
    expect(read({ globalProjects: wrong })).toMatchObject({
      weights: ['unsafe', 'unsafe'],
      lines: [
        'argocd-cm: globalProjects: [0].labelSelector.matchExpressions[0].operator must be In, NotIn, Exists, DoesNotExist; change it',
        'argocd-cm: globalProjects: [1].projectName is missing; add it as a text',
      ],
    });
  });

  it('reads a text to the end of its document, and says what has no effect behind it', () => {
    const { settings, lines, weights } = read({
      'resource.exclusions': '- {kinds: [Event]}\n...\n- {kinds: [Lease]}\n',
      'resource.compareoptions': 'ignoreResourceStatusField: none\n---\nignoreAggregatedRoles: true\n',
      'resource.customizations':
        '{apps/Deployment: {ignoreDifferences: "{jsonPointers: [/a]}\n{b: 1}"}}\nc: {}',
    });
    expect(settings).toMatchObject({ ignoredStatus: 'none', ignoreAggregatedRoles: false });
    expect(settings.exclusions).toHaveLength(1);
    expect(lines.toSorted()).toEqual([
      'argocd-cm: resource.compareoptions: line 3: stands behind the end of the document and has no effect; remove it',
      'argocd-cm: resource.customizations: apps/Deployment: ignoreDifferences line 1: stands behind the end of the ' +
        'document and has no effect; remove it',
      'argocd-cm: resource.customizations: line 3: stands behind the end of the document and has no effect; remove it',
      'argocd-cm: resource.exclusions: line 3: stands behind the end of the document and has no effect; remove it',
    ]);
    expect(new Set(weights)).toEqual(new Set(['unused']));
  });

  it('reads how objects are tracked', () => {
    const { settings, lines } = read({
      'application.resourceTrackingMethod': 'annotation+label',
      'application.instanceLabelKey': 'example.com/app',
      installationID: 'north',
    });
    expect(lines).toEqual([]);
    expect(settings.tracking).toEqual({
      method: 'annotation+label',
      labelKey: 'example.com/app',
      installationId: 'north',
    });
  });

  it.each([
    ['application.resourceTrackingMethod', 'labels'],
    ['application.instanceLabelKey', 'two/slashes/here'],
    ['resource.exclusions', 'apiGroups: [apps]'],
    ['resource.inclusions', '- apiGroups: apps'],
    ['resource.exclusions', '- {kinds: ["Deploy*"]}'],
    ['resource.exclusions', '- {apiGroups: ["[z-a]"]}'],
    ['resource.exclusions', '- {}'],
    ['resource.exclusions', '- apiGroup: [apps]'],
    ['resource.exclusions', '- apiGroups: ["a"'],
  ])('calls %s: %s unsafe, since without it other objects would be ours or in sight', (key, value) => {
    const { settings, lines, weights } = read({ [key]: value });
    expect(settings).toEqual(defaultSettings);
    expect(weights[0]).toBe('unsafe');
    expect(lines[0]).toMatch(new RegExp(`^argocd-cm: ${key}: .+; `));
  });

  it('reads exclusions and inclusions with parts left out', () => {
    const { settings, lines } = read({
      'resource.exclusions':
        '- apiGroups: [velero.io]\n  kinds: [Backup]\n  clusters: ["*"]\n- kinds: [Foo]\n',
      'resource.inclusions': '- apiGroups: ["*"]\n  kinds:\n',
    });
    expect(lines).toEqual([]);
    expect(settings.exclusions).toEqual([
      { apiGroups: ['velero.io'], kinds: ['Backup'], clusters: ['*'] },
      { apiGroups: [], kinds: ['Foo'], clusters: [] },
    ]);
    expect(settings.inclusions).toEqual([{ apiGroups: ['*'], kinds: [], clusters: [] }]);
  });

  it.each([
    ['crd', 'crd'],
    ['all', 'all'],
    ['none', 'none'],
    ['off', 'none'],
    ['"off"', 'none'],
    ['false', 'none'],
  ])('reads ignoreResourceStatusField %s as %s', (word, meaning) => {
    const { settings, lines } = read({ 'resource.compareoptions': `ignoreResourceStatusField: ${word}` });
    expect(lines).toEqual([]);
    expect(settings.ignoredStatus).toBe(meaning);
  });

  it('reads the other compare options and keeps the defaults of those left out', () => {
    const { settings } = read({
      'resource.compareoptions': 'ignoreAggregatedRoles: true\nignoreDifferencesOnResourceUpdates: false\n',
    });
    expect(settings).toMatchObject({
      ignoreAggregatedRoles: true,
      ignoreDifferencesOnResourceUpdates: false,
      ignoredStatus: 'all',
    });
    expect(read({ 'resource.compareoptions': '' })).toMatchObject({ settings: defaultSettings, lines: [] });
  });

  it('reads where applications may live, and nothing where a pattern of it can not be read', () => {
    const homes = (text: string) => {
      const { settings, lines } = read({}, { 'application.namespaces': text });
      return [settings.applicationNamespaces, lines];
    };
    expect(homes(' team-*, /^ops-[0-9]+$/,')).toEqual([['team-*', '/^ops-[0-9]+$/'], []]);
    expect(homes('')).toEqual([[], []]);
    expect(homes('team-a, /(/, [z-a]')).toEqual([
      [],
      [
        'argocd-cmd-params-cm: application.namespaces: /(/ is not a regular expression; correct it, or write a glob',
        'argocd-cmd-params-cm: application.namespaces: "[z-a]" is not a pattern; close its brackets and write its ranges upwards',
      ],
    ]);
  });

  it('reads switches, lists and the sync timeout', () => {
    const { settings, lines } = read(
      {
        'resource.ignoreResourceUpdatesEnabled': 'False',
        'resource.sensitive.mask.annotations': 'openshift.io/token, example.com/key ,',
      },
      { 'controller.sync.timeout.seconds': '900', 'reposerver.enable.git.submodule': 'false' },
    );
    expect(lines).toEqual([]);
    expect(settings).toMatchObject({
      ignoreResourceUpdatesEnabled: false,
      maskedAnnotations: ['openshift.io/token', 'example.com/key'],
      syncTimeoutSeconds: 900,
      gitSubmodules: false,
    });
  });

  it('leaves a bad key out, says what to do, and reads everything else', () => {
    const { settings, lines, weights } = read(
      {
        'application.resourceTrackingMethod': 'label',
        'resource.ignoreResourceUpdatesEnabled': 'maybe',
        'resource.compareoptions': 'ignoreResourceStatusField: some',
      },
      { 'controller.sync.timeout.seconds': '-1' },
    );
    expect(settings).toEqual({ ...defaultSettings, tracking: { method: 'label' } });
    expect(weights).toEqual(['invalid', 'invalid', 'invalid']);
    expect(lines).toEqual([
      'argocd-cm: resource.ignoreResourceUpdatesEnabled: must be true or false; change it',
      'argocd-cm: resource.compareoptions: ignoreResourceStatusField is "some"; set it to all, crd or none',
      'argocd-cmd-params-cm: controller.sync.timeout.seconds: must be a number of seconds, 0 for no limit; change it',
    ]);
  });

  it('tells keys that have no effect from keys that nobody knows', () => {
    const { lines, weights } = read(
      { passwordPattern: '^.*$', 'resource.exclusion': '- {}', constructor: 'x' },
      { 'server.insecure': 'true' },
    );
    expect(weights).toEqual(['unused', 'unused', 'unused', 'unused']);
    expect(lines).toEqual([
      'argocd-cm: passwordPattern: has no effect yet: a new password has 8 to 32 characters',
      'argocd-cm: resource.exclusion: is not a known key and has no effect; check its spelling',
      'argocd-cm: constructor: is not a known key and has no effect; check its spelling',
      'argocd-cmd-params-cm: server.insecure: has no effect yet: variables of the server take its place',
    ]);
  });

  it('refuses YAML that grows beyond measure or nests without end', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    expect(read({ 'resource.customizations': deep }).lines[0]).toMatch(
      /resource.customizations: line 1: is nested/,
    );
    expect(read({ 'resource.exclusions': '&a [*a]' }).weights).toEqual(['unsafe']);
  });
});
