import { describe, expect, it } from 'vitest';
import type { IgnoreDifference } from '../../application/spec/sync-policy.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { defaultSettings, type Settings } from '../../settings/settings.ts';
import { jqExpressions, rulesFor } from './rules.ts';

const deployment: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'prod' },
};
const configMap: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'web', namespace: 'prod' },
};
const definition: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'x' },
};

const pointersOf = (manifest: Manifest, rule: IgnoreDifference): readonly string[] =>
  rulesFor(manifest, { settings: defaultSettings, ignoreDifferences: [{ ...rule, jsonPointers: ['/a'] }] })
    .jsonPointers;

const withSettings = (manifest: Manifest, settings: Partial<Settings>) =>
  rulesFor(manifest, { settings: { ...defaultSettings, ...settings }, ignoreDifferences: [] });

describe('core/diff/rules', () => {
  it.each<[string, Manifest, IgnoreDifference, boolean]>([
    ['the group and kind', deployment, { group: 'apps', kind: 'Deployment' }, true],
    ['globs', deployment, { group: 'a*', kind: 'Deploy*' }, true],
    ['every group and kind', configMap, { group: '*', kind: '*' }, true],
    ['no group, which is the core group', deployment, { kind: 'Deployment' }, false],
    ['the core group', configMap, { kind: 'ConfigMap' }, true],
    ['another kind', deployment, { group: 'apps', kind: 'StatefulSet' }, false],
    ['the name', deployment, { group: 'apps', kind: '*', name: 'web' }, true],
    ['another name', deployment, { group: 'apps', kind: '*', name: 'we*' }, false],
    ['another namespace', deployment, { group: 'apps', kind: '*', namespace: 'dev' }, false],
    ['empty name and namespace', deployment, { group: 'apps', kind: '*', name: '', namespace: '' }, true],
  ])('matches a rule by %s', (_name, manifest, rule, expected) => {
    expect(pointersOf(manifest, rule)).toEqual(expected ? ['/a'] : []);
  });

  it('takes managers of the installation by the exact kind or for all kinds only', () => {
    const managers = (group: string, kind: string) =>
      withSettings(deployment, {
        overrides: [
          { group, kind, ignoreDifferences: { managedFieldsManagers: ['m'], jsonPointers: ['/b'] } },
        ],
      });
    expect(managers('apps', 'Deployment')).toMatchObject({ managers: ['m'], jsonPointers: ['/b'] });
    expect(managers('*', '*')).toMatchObject({ managers: ['m'], jsonPointers: ['/b'] });
    expect(managers('apps', '*')).toMatchObject({ managers: [], jsonPointers: ['/b'] });
    expect(managers('batch', '*')).toMatchObject({ managers: [], jsonPointers: [] });
  });

  it.each<[Settings['ignoredStatus'], boolean, boolean]>([
    ['all', true, true],
    ['crd', false, true],
    ['none', false, false],
  ])('ignores the status under "%s"', (ignoredStatus, ofDeployment, ofDefinition) => {
    expect(withSettings(deployment, { ignoredStatus }).ignoresStatus).toBe(ofDeployment);
    expect(withSettings(definition, { ignoredStatus }).ignoresStatus).toBe(ofDefinition);
  });

  it('names the rule of every jq expression', () => {
    const overrides = [
      { group: 'apps', kind: 'Deployment', ignoreDifferences: { jqPathExpressions: ['.b'] } },
    ];
    const found = jqExpressions({
      settings: { ...defaultSettings, overrides },
      ignoreDifferences: [{ kind: 'X' }, { kind: 'Y', jqPathExpressions: ['.a'] }],
    });
    expect(found).toEqual([
      { rule: 'spec.ignoreDifferences[1]', expression: '.a' },
      { rule: 'resource.customizations of apps/Deployment', expression: '.b' },
    ]);
  });
});
