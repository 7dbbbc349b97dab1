import { matchesGlob } from '../text/glob.ts';
import type { ResourceFilter, Settings } from './settings.ts';

/** How a cluster is known here: the address and name under which it is registered. */
export type ClusterAddress = { readonly server: string; readonly name: string };

/** A kind in a cluster. */
export type ClusterKind = {
  readonly group: string;
  readonly kind: string;
  readonly cluster: ClusterAddress;
};

/** Left out everywhere: they change all the time and are made by the cluster itself. */
const builtIn: readonly ResourceFilter[] = [
  { apiGroups: ['events.k8s.io', 'metrics.k8s.io'], kinds: [], clusters: [] },
  { apiGroups: [''], kinds: ['Event'], clusters: [] },
  { apiGroups: ['coordination.k8s.io'], kinds: ['Lease'], clusters: [] },
];

/**
 * Whether objects of a kind are left out: not watched, compared, synced or pruned. An exclusion beats an inclusion;
 * where an inclusion speaks of the cluster, kinds that none of them names are left out.
 */
export function isExcluded(
  settings: Pick<Settings, 'exclusions' | 'inclusions'>,
  { group, kind, cluster }: ClusterKind,
): boolean {
  const covers = (filter: ResourceFilter): boolean =>
    matchesAny(filter.apiGroups, group) &&
    (filter.kinds.length === 0 || filter.kinds.includes('*') || filter.kinds.includes(kind));
  const here = (filter: ResourceFilter): boolean =>
    matchesAny(filter.clusters, cluster.server) || matchesAny(filter.clusters, cluster.name);
  if ([...builtIn, ...settings.exclusions].some((filter) => covers(filter) && here(filter))) return true;
  const inclusions = settings.inclusions.filter(here);
  return inclusions.length > 0 && !inclusions.some(covers);
}

function matchesAny(globs: readonly string[], text: string): boolean {
  return globs.length === 0 || globs.some((glob) => matchesGlob(glob, text));
}
