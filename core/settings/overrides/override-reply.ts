import { stringify } from 'yaml';
import { ownField } from '../../own-field.ts';
import type { IgnoredStatus, IgnoreRules, ResourceOverride, Settings } from '../settings.ts';
import { formatOverrideKey } from './override-key.ts';

/** One override as API clients read it: the fields of the map form, each rule a text of YAML. */
type OverrideReply = Readonly<Record<string, unknown>>;

/** Kinds whose `/status` comparisons leave out, as ignore rules that a client can apply by itself. */
const statusRules: Readonly<Record<IgnoredStatus, Readonly<Record<string, IgnoreRules>>>> = {
  all: { '*/*': { jsonPointers: ['/status'] } },
  crd: { 'apiextensions.k8s.io/CustomResourceDefinition': { jsonPointers: ['/status'] } },
  none: {},
};

/** The overrides by key, with the rules that `resource.compareoptions` stands for. */
export function overridesReply(settings: Settings): Readonly<Record<string, OverrideReply>> {
  const byStatus = statusRules[settings.ignoredStatus];
  const byKey = new Map(settings.overrides.map((one) => [formatOverrideKey(one), one]));
  const keys = [...new Set([...byKey.keys(), ...Object.keys(byStatus)])];
  return Object.fromEntries(keys.map((key) => [key, replyOf(byKey.get(key), ownField(byStatus, key))]));
}

function replyOf(override: ResourceOverride | undefined, status: IgnoreRules | undefined): OverrideReply {
  const { healthLua, useOpenLibs, actions, ignoreResourceUpdates, knownTypeFields } = override ?? {};
  const ignoreDifferences = joined(override?.ignoreDifferences, status);
  return {
    ...(healthLua === undefined ? {} : { 'health.lua': healthLua }),
    ...(useOpenLibs === true ? { 'health.lua.useOpenLibs': true } : {}),
    ...(actions === undefined
      ? {}
      : {
          actions: stringify({
            'discovery.lua': actions.discoveryLua,
            definitions: actions.definitions.map(({ name, lua }) => ({ name, 'action.lua': lua })),
            mergeBuiltinActions: actions.mergeBuiltin,
          }),
        }),
    ...(ignoreDifferences === undefined ? {} : { ignoreDifferences: rulesText(ignoreDifferences) }),
    ...(ignoreResourceUpdates === undefined
      ? {}
      : { ignoreResourceUpdates: rulesText(ignoreResourceUpdates) }),
    ...(knownTypeFields === undefined ? {} : { knownTypeFields }),
  };
}

function joined(rules: IgnoreRules | undefined, more: IgnoreRules | undefined): IgnoreRules | undefined {
  if (rules === undefined || more === undefined) return rules ?? more;
  const jsonPointers = new Set([...(rules.jsonPointers ?? []), ...(more.jsonPointers ?? [])]);
  return { ...rules, jsonPointers: [...jsonPointers] };
}

function rulesText({ jsonPointers, jqPathExpressions, managedFieldsManagers }: IgnoreRules): string {
  const lists = Object.entries({ jsonPointers, jqPathExpressions, managedFieldsManagers });
  return stringify(Object.fromEntries(lists.filter(([, list]) => list !== undefined && list.length > 0)));
}
