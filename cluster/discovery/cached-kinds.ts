import { kindName } from '../cache/cache-store.ts';
import { definitionKind } from './definitions.ts';
import type { ApiResource, KindFilter } from './resource.ts';

/** Kinds that change all the time and say nothing about an application; `*` stands for a whole group. */
const excluded = new Set([
  '/Event',
  'events.k8s.io/Event',
  '/Endpoints',
  'discovery.k8s.io/EndpointSlice',
  'coordination.k8s.io/Lease',
  'metrics.k8s.io/*',
]);

/**
 * The kinds a cache holds: each that can be listed and watched, in the version the cluster prefers. Definitions of
 * kinds are held whatever the settings say, because the cache itself learns from them what to watch.
 */
export function cachedKinds(resources: readonly ApiResource[], isExcluded: KindFilter): ApiResource[] {
  return resources.filter(
    ({ preferred, verbs, group, kind }) =>
      preferred &&
      verbs.includes('list') &&
      verbs.includes('watch') &&
      !excluded.has(`${group}/${kind}`) &&
      !excluded.has(`${group}/*`) &&
      (kindName(group, kind) === definitionKind || !isExcluded(group, kind)),
  );
}
