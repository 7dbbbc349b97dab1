import { asc, eq, inArray, sql } from 'drizzle-orm';
import { sourcesOf } from '../../../core/application/source/source.ts';
import type { ResourceStatus } from '../../../core/application/status.ts';
import type { GovernedApplication } from '../../../core/project/change/fall-out.ts';
import type { StoredProject } from '../../../core/project/effective.ts';
import type { PermitObject } from '../../../core/project/rules/permits.ts';
import type { Database } from '../../client.ts';
import { applicationStatus, applications } from '../../schema/application.ts';
import { clusters } from '../../schema/cluster.ts';
import { projects } from '../../schema/project.ts';
import { clusterOfApplication, isStatusOf } from '../application/destination.ts';
import { ownClusters } from './effective-project.ts';

/** All projects as their rules are read, by name. */
export async function storedProjects(db: Database): Promise<Map<string, StoredProject>> {
  const rows = await db
    .select({
      name: projects.name,
      labels: projects.labels,
      spec: projects.spec,
      homeConditions: projects.homeConditions,
      clusters: ownClusters.as('own_clusters'),
    })
    .from(projects);
  return new Map(rows.map((row) => [row.name, row]));
}

/** The applications of some projects by name; with their live objects only where somebody asks about those. */
export async function governedApplications(
  db: Database,
  names: readonly string[],
  { objects }: { readonly objects: boolean },
): Promise<GovernedApplication[]> {
  const none = sql<ResourceStatus[]>`'[]'::jsonb`;
  const rows = await db
    .select({
      project: applications.project,
      name: applications.name,
      namespace: applications.namespace,
      spec: applications.spec,
      server: clusters.server,
      cluster: clusters.name,
      resources: objects ? applicationStatus.resources : none.as('resources'),
    })
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .leftJoin(clusters, eq(clusters.id, clusterOfApplication))
    .where(inArray(applications.project, [...names]))
    .orderBy(asc(applications.namespace), asc(applications.name));
  return rows.map(({ project, name, namespace, spec, server, cluster, resources }) => ({
    project,
    name,
    namespace,
    repositories: sourcesOf(spec).map(({ repoURL }) => repoURL),
    destinationNamespace: spec.destination.namespace ?? '',
    cluster: server === null || cluster === null ? undefined : { server, name: cluster },
    objects: resources.flatMap(liveObject),
  }));
}

/** An object that is there; one that is only wanted can't be lost. */
function liveObject({
  group = '',
  kind = '',
  name = '',
  namespace = '',
  health,
}: ResourceStatus): PermitObject[] {
  if (health?.status === 'Missing') return [];
  return [{ group, kind, name, namespace: namespace === '' ? undefined : namespace }];
}
