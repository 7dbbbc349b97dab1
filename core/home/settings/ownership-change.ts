import { isExcluded } from '../../settings/filter.ts';
import type { Settings } from '../../settings/settings.ts';
import { trackingKeys } from '../../settings/words/read-tracking.ts';
import { type Tracking, trackingLabel } from '../../sync/tracking/tracking.ts';

/** How many live objects of a kind applications manage in one cluster. */
export type ManagedKind = {
  readonly cluster: { readonly server: string; readonly name: string };
  readonly group: string;
  readonly kind: string;
  readonly count: number;
};

/** Keys of `argocd-cm` whose change would take managed objects away from their applications, and how. */
export type OwnershipChange = { readonly keys: readonly string[]; readonly message: string };

type Owning = Pick<Settings, 'tracking' | 'exclusions' | 'inclusions'>;

const filterKeys = ['resource.exclusions', 'resource.inclusions'];

/** What a change of the settings would make unknown or undesired among the objects that applications manage. */
export function ownershipChanges(
  before: Owning,
  after: Owning,
  managed: readonly ManagedKind[],
): OwnershipChange[] {
  return [
    ...trackingChange(before.tracking, after.tracking, managed),
    ...filterChange(before, after, managed),
  ];
}

function trackingChange(
  before: Tracking,
  after: Tracking,
  managed: readonly ManagedKind[],
): OwnershipChange[] {
  const count = sum(managed);
  const words = count === 0 ? undefined : lostMarks(before, after);
  if (words === undefined) return [];
  return [{ keys: Object.values(trackingKeys), message: `${objects(count)} ${words}` }];
}

/**
 * What becomes of objects that carry the marks of `before`, where it isn't nothing. Under the label method an annotation
 * counts beside it, but not against a label that names somebody else, which charts write for their own purposes.
 */
function lostMarks(before: Tracking, after: Tracking): string | undefined {
  const byLabel = after.method === 'label';
  if (!byLabel && before.method === 'label') return 'have no tracking id and would become unknown';
  const labels = [trackingLabel(before), trackingLabel(after)];
  if (byLabel && before.method === 'label') {
    return labels[0] === labels[1]
      ? undefined
      : `carry the label ${labels[0]} and would become unknown, as ${labels[1]} would be asked for`;
  }
  if ((before.installationId ?? '') !== (after.installationId ?? '')) {
    return `carry the installation id "${before.installationId ?? ''}" and would become unknown, as "${after.installationId ?? ''}" would be asked for`;
  }
  if (!byLabel || (before.method === 'annotation+label' && labels[0] === labels[1])) return undefined;
  return `are known by their tracking ids, and those whose label ${labels[1]} names something else would become unknown`;
}

function filterChange(before: Owning, after: Owning, managed: readonly ManagedKind[]): OwnershipChange[] {
  const lost = managed.filter((kind) => !isExcluded(before, kind) && isExcluded(after, kind));
  if (lost.length === 0) return [];
  const kinds = [
    ...new Set(lost.map(({ group, kind }) => (group === '' ? kind : `${group}/${kind}`))),
  ].sort();
  const message = `${objects(sum(lost))} would be left out and neither compared nor pruned: ${kinds.join(', ')}`;
  return [{ keys: filterKeys, message }];
}

function sum(managed: readonly ManagedKind[]): number {
  return managed.reduce((total, { count }) => total + count, 0);
}

function objects(count: number): string {
  return count === 1 ? '1 managed object' : `${count} managed objects`;
}
