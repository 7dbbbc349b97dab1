import type { IgnoreDifference } from '../../application/spec/sync-policy.ts';
import { formatJson } from '../../object/json/json.ts';
import { groupOf, type Manifest } from '../../object/manifest/manifest.ts';
import type { KnownTypeField, Settings } from '../../settings/settings.ts';
import { matchesGlob } from '../../text/glob.ts';

/** What decides a comparison beside the two objects: the installation's settings and the application's own rules. */
export type CompareRules = {
  readonly settings: Pick<Settings, 'overrides' | 'ignoredStatus' | 'ignoreAggregatedRoles'>;
  readonly ignoreDifferences: readonly IgnoreDifference[];
};

/** The rules that hold for one object. */
export type ObjectRules = {
  readonly jsonPointers: readonly string[];
  readonly jqPathExpressions: readonly string[];
  /** Whatever these managers own does not count. */
  readonly managers: readonly string[];
  readonly knownTypeFields: readonly KnownTypeField[];
  readonly ignoresAggregatedRules: boolean;
  readonly ignoresStatus: boolean;
};

/** Picks the rules for an object: groups and kinds are globs, names and namespaces exact. */
export function rulesFor(manifest: Manifest, { settings, ignoreDifferences }: CompareRules): ObjectRules {
  const group = groupOf(manifest.apiVersion);
  const { kind } = manifest;
  const own = ignoreDifferences.filter((rule) => covers(rule, manifest));
  const overrides = settings.overrides.filter(
    (override) => matchesGlob(override.group, group) && matchesGlob(override.kind, kind),
  );
  const general = overrides.flatMap(({ ignoreDifferences: rules }) => (rules === undefined ? [] : [rules]));
  // Managers are looked up by the kind's own name or for all kinds, not by other globs.
  const ofManagers = overrides.flatMap(({ group: of, kind: named, ignoreDifferences: rules }) =>
    rules !== undefined && ((of === group && named === kind) || (of === '*' && named === '*')) ? [rules] : [],
  );
  const isDefinition = group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition';
  const { ignoredStatus } = settings;
  return {
    jsonPointers: [
      ...[...general, ...own].flatMap((rule) => rule.jsonPointers ?? []),
      ...(isDefinition && ignoredStatus === 'crd' ? ['/spec/preserveUnknownFields'] : []),
    ],
    jqPathExpressions: [...general, ...own].flatMap((rule) => rule.jqPathExpressions ?? []),
    managers: [...ofManagers, ...own].flatMap((rule) => rule.managedFieldsManagers ?? []),
    knownTypeFields: overrides.flatMap((override) => override.knownTypeFields ?? []),
    ignoresAggregatedRules: settings.ignoreAggregatedRoles,
    ignoresStatus: ignoredStatus === 'all' || (ignoredStatus === 'crd' && isDefinition),
  };
}

function covers(rule: IgnoreDifference, manifest: Manifest): boolean {
  return (
    matchesGlob(rule.group ?? '', groupOf(manifest.apiVersion)) &&
    matchesGlob(rule.kind, manifest.kind) &&
    (!rule.name || rule.name === manifest.metadata.name) &&
    (!rule.namespace || rule.namespace === manifest.metadata.namespace)
  );
}

/** A jq expression with the rule in which it stands. */
export type NamedExpression = { readonly rule: string; readonly expression: string };

/** Every jq expression of the rules, whether an object matches them or not. */
export function jqExpressions({ settings, ignoreDifferences }: CompareRules): NamedExpression[] {
  const own = ignoreDifferences.map((rule, position) => ({
    rule: `spec.ignoreDifferences[${position}]`,
    expressions: rule.jqPathExpressions ?? [],
  }));
  const general = settings.overrides.map(({ group, kind, ignoreDifferences: rules }) => ({
    rule: `resource.customizations of ${group === '' ? kind : `${group}/${kind}`}`,
    expressions: rules?.jqPathExpressions ?? [],
  }));
  return [...own, ...general].flatMap(({ rule, expressions }) =>
    expressions.map((expression) => ({ rule, expression })),
  );
}

/** What is wrong with an expression that jq cannot run, for the one who wrote it. */
export function formatJqFault({ rule, expression }: NamedExpression, fault: string): string {
  return `${rule}: jqPathExpressions has ${formatJson(expression)}, which jq cannot run: ${fault}; correct or remove it`;
}
