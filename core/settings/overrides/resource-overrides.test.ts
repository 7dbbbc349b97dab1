import { describe, expect, it } from 'vitest';
import { readResourceOverrides } from './resource-overrides.ts';

function read(words: Record<string, string>) {
  const lines: string[] = [];
  const overrides = readResourceOverrides(words, (key, message) => lines.push(`${key}: ${message}`));
  return { overrides, lines };
}

const mapForm = `
cert-manager.io/Certificate:
  health.lua.useOpenLibs: true
  health.lua: |
    return {status = "Healthy"}
  ignoreDifferences: |
    jsonPointers: [/spec/duration]
Service:
  actions: |
    discovery.lua: return {}
    mergeBuiltinActions: true
    definitions:
    - name: drain
      action.lua: return obj
"*.crossplane.io/*":
  knownTypeFields:
  - field: spec.template
    type: core/v1/PodSpec
`;

describe('core/settings/resource-overrides', () => {
  it('reads the map form', () => {
    const { overrides, lines } = read({ 'resource.customizations': mapForm });
    expect(lines).toEqual([]);
    expect(overrides).toEqual([
      {
        group: '',
        kind: 'Service',
        actions: {
          discoveryLua: 'return {}',
          definitions: [{ name: 'drain', lua: 'return obj' }],
          mergeBuiltin: true,
        },
      },
      {
        group: 'cert-manager.io',
        kind: 'Certificate',
        healthLua: 'return {status = "Healthy"}\n',
        useOpenLibs: true,
        ignoreDifferences: {
          jsonPointers: ['/spec/duration'],
          jqPathExpressions: [],
          managedFieldsManagers: [],
        },
      },
      {
        group: '*.crossplane.io',
        kind: '*',
        knownTypeFields: [{ field: 'spec.template', type: 'core/v1/PodSpec' }],
      },
    ]);
  });

  it.each([
    ['health', 'return {}', { healthLua: 'return {}' }],
    ['useOpenLibs', 'true', { useOpenLibs: true }],
    [
      'actions',
      'definitions: [{name: go, action.lua: return obj}]',
      {
        actions: { discoveryLua: '', definitions: [{ name: 'go', lua: 'return obj' }], mergeBuiltin: false },
      },
    ],
    [
      'ignoreDifferences',
      'jqPathExpressions: [.spec.x]\nmanagedFieldsManagers: [hpa]',
      {
        ignoreDifferences: {
          jsonPointers: [],
          jqPathExpressions: ['.spec.x'],
          managedFieldsManagers: ['hpa'],
        },
      },
    ],
    [
      'ignoreResourceUpdates',
      'jsonPointers: [/status]',
      {
        ignoreResourceUpdates: {
          jsonPointers: ['/status'],
          jqPathExpressions: [],
          managedFieldsManagers: [],
        },
      },
    ],
    [
      'knownTypeFields',
      '- {field: spec, type: core/v1/PodSpec}',
      { knownTypeFields: [{ field: 'spec', type: 'core/v1/PodSpec' }] },
    ],
  ])('reads a split key of type %s', (type, value, part) => {
    const { overrides, lines } = read({ [`resource.customizations.${type}.argoproj.io_Rollout`]: value });
    expect(lines).toEqual([]);
    expect(overrides).toEqual([{ group: 'argoproj.io', kind: 'Rollout', ...part }]);
  });

  it('takes a split key without underscore for a core kind and `all` for every kind', () => {
    const { overrides } = read({
      'resource.customizations.health.Service': 'return {}',
      'resource.customizations.ignoreDifferences.all': 'jsonPointers: [/spec/replicas]',
    });
    expect(overrides.map(({ group, kind }) => `${group}/${kind}`)).toEqual(['/Service', '*/*']);
  });

  it('lets fields of split keys win over those of the map and keeps the others', () => {
    const { overrides } = read({
      'resource.customizations': mapForm,
      'resource.customizations.health.cert-manager.io_Certificate': 'return {status = "Degraded"}',
    });
    expect(overrides.find((one) => one.kind === 'Certificate')).toMatchObject({
      healthLua: 'return {status = "Degraded"}',
      useOpenLibs: true,
      ignoreDifferences: { jsonPointers: ['/spec/duration'] },
    });
  });

  it('puts exact kinds before globs and fuller globs before emptier ones', () => {
    const { overrides } = read({
      'resource.customizations':
        '{"*/*": {health.lua: a}, "*.example.com/*": {health.lua: b}, "z.example.com/Long": {health.lua: c}, Pod: {health.lua: d}, "*.example.com/Lon?": {health.lua: e}}',
    });
    expect(overrides.map((one) => one.healthLua)).toEqual(['d', 'c', 'e', 'b', 'a']);
  });

  it.each([
    [
      'resource.customizations.heallth.apps_Deployment',
      'x',
      'has an unknown type "heallth"; write one of health, useOpenLibs, actions, ignoreDifferences, ignoreResourceUpdates, knownTypeFields',
    ],
    [
      'resource.customizations.constructor.Pod',
      'x',
      'has an unknown type "constructor"; write one of health',
    ],
    ['resource.customizations.health', 'x', 'names no kind by ""; write group_Kind'],
    ['resource.customizations.health.a_b_c', 'x', 'names no kind by "a_b_c"; write group_Kind'],
    ['resource.customizations.useOpenLibs.Pod', 'perhaps', 'must be true or false; change it'],
    ['resource.customizations.health.Pod', '', 'is empty; change it'],
    [
      'resource.customizations.actions.Pod',
      'definitions: [{name: a}]',
      'definitions[0].action.lua is missing',
    ],
    [
      'resource.customizations.actions.Pod',
      'definitions: [{name: a, action.lua: one}, {name: a, action.lua: two}]',
      'definitions defines action a twice; remove one',
    ],
    [
      'resource.customizations.ignoreDifferences.Pod',
      'jsonPointers: [spec/x]',
      'jsonPointers has "spec/x", which is no JSON pointer; start it with /',
    ],
    ['resource.customizations.knownTypeFields.Pod', 'field: x', 'must be a list'],
  ])('leaves %s out when it is %j, and names the key', (key, value, message) => {
    const { overrides, lines } = read({
      [key]: value,
      'resource.customizations.health.Service': 'return {}',
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`${key}: ${message}`);
    expect(overrides.map((one) => one.kind)).toEqual(['Service']);
  });

  it('leaves out only the bad part of a map', () => {
    const { overrides, lines } = read({
      'resource.customizations':
        'a/b/c: {health.lua: x}\napps/Deployment: {health.lua: "return {}", healthlua: x, ignoreDifferences: "jsonPointers: 1"}',
    });
    expect(overrides).toEqual([{ group: 'apps', kind: 'Deployment', healthLua: 'return {}' }]);
    expect(lines).toEqual([
      'resource.customizations: names no kind by "a/b/c"; write group/Kind, or Kind alone for the core group',
      expect.stringMatching(
        /^resource.customizations: apps\/Deployment: healthlua is not known here; write one of /,
      ),
      expect.stringMatching(
        /^resource.customizations: apps\/Deployment: ignoreDifferences: jsonPointers must be a list/,
      ),
    ]);
  });
});
