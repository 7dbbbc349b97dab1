import type { ApiResource } from './resource.ts';

/** Kinds that change all the time and say nothing about an application; `*` stands for a whole group. */
const excluded = new Set([
  '/Event',
  'events.k8s.io/Event',
  '/Endpoints',
  'discovery.k8s.io/EndpointSlice',
  'coordination.k8s.io/Lease',
  'metrics.k8s.io/*',
]);

/** The kinds a cache holds: each that can be listed and watched, in the version the cluster prefers. */
export function cachedKinds(resources: readonly ApiResource[]): ApiResource[] {
  return resources.filter(
    ({ preferred, verbs, group, kind }) =>
      preferred &&
      verbs.includes('list') &&
      verbs.includes('watch') &&
      !excluded.has(`${group}/${kind}`) &&
      !excluded.has(`${group}/*`),
  );
}
