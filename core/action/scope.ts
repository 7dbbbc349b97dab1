import type { ResourceKey } from '../object/key.ts';
import type { ObjectRefusal } from '../project/rules/refusal.ts';
import { type ClusterAddress, isExcluded } from '../settings/filter.ts';
import type { Settings } from '../settings/settings.ts';

/** Where an action of an application may reach. */
export type ActionScope = {
  readonly settings: Pick<Settings, 'exclusions' | 'inclusions'>;
  readonly cluster: ClusterAddress;
  /** Why the application's project keeps it from an object. */
  readonly refusalOf: ObjectRefusal;
  /** Namespaces of the object and of the application's destination; none for an object without namespace. */
  readonly namespaces: readonly string[];
};

/** Why an action may not write an object there; undefined when it may. */
export function whyForbidden(
  key: ResourceKey,
  { settings, cluster, namespaces, refusalOf }: ActionScope,
): string | undefined {
  if (isExcluded(settings, { group: key.group, kind: key.kind, cluster })) {
    return 'its kind is excluded by resource.exclusions or resource.inclusions';
  }
  if (namespaces.length === 0 || namespaces.includes(key.namespace)) return refusalOf(key);
  if (key.namespace === '') return 'it has no namespace, but the object of the action has one';
  return `its namespace is neither the object's nor the application's (${namespaces.join(', ')})`;
}
