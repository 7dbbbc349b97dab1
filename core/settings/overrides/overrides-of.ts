import { matchesGlob } from '../../text/glob.ts';
import type { ResourceOverride, Settings } from '../settings.ts';

/** A kind without its version. */
export type GroupKind = { readonly group: string; readonly kind: string };

/** The parts of an override that say something by themselves. */
export type OverrideSort = Exclude<keyof ResourceOverride, 'group' | 'kind'>;

const known = new WeakMap<readonly ResourceOverride[], Map<string, readonly ResourceOverride[]>>();

/** The overrides that speak of a kind, exact ones before globs; remembered, since it is asked for every object. */
export function overridesOf(
  settings: Pick<Settings, 'overrides'>,
  { group, kind }: GroupKind,
): readonly ResourceOverride[] {
  const { overrides } = settings;
  const byKind = known.get(overrides) ?? new Map<string, readonly ResourceOverride[]>();
  known.set(overrides, byKind);
  const name = `${group}/${kind}`;
  const found =
    byKind.get(name) ??
    overrides.filter((one) => matchesGlob(one.group, group) && matchesGlob(one.kind, kind));
  byKind.set(name, found);
  return found;
}

/** The first match of one sort, such as the health script of a kind; undefined when none says anything. */
export function overrideOf<Sort extends OverrideSort>(
  settings: Pick<Settings, 'overrides'>,
  kind: GroupKind,
  sort: Sort,
): NonNullable<ResourceOverride[Sort]> | undefined {
  for (const override of overridesOf(settings, kind)) {
    const value = override[sort];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}
