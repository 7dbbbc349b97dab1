import { ignoreResourceUpdatesAnnotation } from '../../object/annotations.ts';
import { sameJson } from '../../object/json/canonical.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import { groupOf, type Manifest } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import { defaultUpdateRules } from '../../settings/overrides/default-update-rules.ts';
import { overridesOf } from '../../settings/overrides/overrides-of.ts';
import type { IgnoreRules, Settings } from '../../settings/settings.ts';
import { matchesGlob } from '../../text/glob.ts';
import { managedPaths } from '../fields/managed-paths.ts';
import { deletePaths } from '../fields/paths.ts';
import { pointerPaths } from './normalize.ts';

/** What decides which changes of an object cause no comparison. */
type UpdateSettings = Pick<
  Settings,
  'ignoreDifferencesOnResourceUpdates' | 'ignoreResourceUpdatesEnabled' | 'overrides'
>;

/** Fields whose changes don't count. */
export type UpdateRules = {
  readonly jsonPointers: readonly string[];
  readonly jqPathExpressions: readonly string[];
  readonly managers: readonly string[];
};

/** Two states of one object. */
export type Update = { readonly previous: Manifest; readonly object: Manifest };

/** The API server's own books, which each write changes. */
const books: readonly string[] = [
  '/metadata/resourceVersion',
  '/metadata/generation',
  '/metadata/managedFields',
];

/**
 * The rules for the changes of an object; undefined where each change counts: by the settings, for an object that belongs
 * to no application itself, or by the object's own word. An object that another owns, such as a pod, has the rules only
 * where its annotation asks for them.
 */
export function updateRulesOf(
  object: Manifest,
  settings: UpdateSettings,
  isOwn: boolean,
): UpdateRules | undefined {
  if (!settings.ignoreResourceUpdatesEnabled) return undefined;
  if (!(ownWord(object) ?? isOwn)) return undefined;
  const kind = { group: groupOf(object.apiVersion), kind: object.kind };
  const written = overridesOf(settings, kind);
  const rules: IgnoreRules[] = written.flatMap(({ ignoreResourceUpdates, ignoreDifferences }) => [
    ...(ignoreResourceUpdates === undefined ? [] : [ignoreResourceUpdates]),
    ...(ignoreDifferences === undefined || !settings.ignoreDifferencesOnResourceUpdates
      ? []
      : [ignoreDifferences]),
  ]);
  // What the settings say of the very same kinds takes a default's place, as a key of the ConfigMap does there.
  const defaults = defaultUpdateRules.filter(
    (rule) =>
      matchesGlob(rule.group, kind.group) &&
      matchesGlob(rule.kind, kind.kind) &&
      !written.some(
        (one) =>
          one.group === rule.group && one.kind === rule.kind && one.ignoreResourceUpdates !== undefined,
      ),
  );
  return {
    jsonPointers: [...books, ...[...defaults, ...rules].flatMap((rule) => rule.jsonPointers ?? [])],
    jqPathExpressions: rules.flatMap((rule) => rule.jqPathExpressions ?? []),
    managers: rules.flatMap((rule) => rule.managedFieldsManagers ?? []),
  };
}

function ownWord({ metadata }: Manifest): boolean | undefined {
  const word = ownField(metadata.annotations, ignoreResourceUpdatesAnnotation);
  return word === 'true' || word === 'false' ? word === 'true' : undefined;
}

/** Both states without the fields that the rules name by pointer and by manager. */
export function reducedUpdate({ previous, object }: Update, rules: UpdateRules): Update {
  // A manager's fields are those that it had before and those that it has now.
  const before = managedPaths(previous, object, rules.managers);
  const now = managedPaths(object, previous, rules.managers);
  return {
    previous: deletePaths(previous, [...pointerPaths(previous, rules), ...before.live, ...now.other]),
    object: deletePaths(object, [...pointerPaths(object, rules), ...before.other, ...now.live]),
  };
}

/** Whether nothing is left of a change. */
export function isEmptyUpdate({ previous, object }: Update): boolean {
  return sameJson(withoutEmptyMaps(previous), withoutEmptyMaps(object));
}

/** A map whose only field is left out says the same as none. */
function withoutEmptyMaps({ metadata, ...rest }: Readonly<Record<string, unknown>>): unknown {
  const { labels = {}, annotations = {}, ...others } = isFields(metadata) ? metadata : {};
  return { ...rest, metadata: { ...others, labels, annotations } };
}
