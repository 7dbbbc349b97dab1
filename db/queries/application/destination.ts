import { eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { applicationStatus, applications } from '../../schema/application.ts';
import { clusters } from '../../schema/cluster.ts';

/**
 * The clusters that a destination may mean, by server where it names one and else by name: one of the application's own
 * project comes before one for all, and one of another project is none.
 */
export function clustersAt(destination: {
  readonly server: SQL;
  readonly name: SQL;
  readonly project: SQL;
}): SQL {
  const { server, name, project } = destination;
  return sql`from ${clusters} found
    where ((${server} <> '' and found.server = ${server}) or (${server} = '' and found.name = ${name}))
      and coalesce(found.project, '') in ('', ${project})
    order by coalesce(found.project, '') = '', found.created_at limit 1`;
}

/** The id of the cluster that an application's destination means at this moment; null while there is none. */
export const clusterOfApplication = sql<string | null>`(select found.id ${clustersAt({
  server: sql.raw('"applications"."destination_server"'),
  name: sql.raw('"applications"."destination_name"'),
  project: sql.raw('"applications"."project"'),
})})`;

const { destinationServer: _server, destinationName: _name, ...ownColumns } = getTableColumns(applications);
const { applicationId: _id, ...observedColumns } = getTableColumns(applicationStatus);

/** What is stored of an application: what its owner decides, and what is observed of it. */
export const storedColumns = { ...ownColumns, ...observedColumns };

/** Joins an application with what is observed of it. */
export const isStatusOf = eq(applicationStatus.applicationId, applications.id);

/** All of an application, with the cluster that its destination means now. Its status is joined by `isStatusOf`. */
export const applicationColumns = { ...storedColumns, clusterId: clusterOfApplication.as('cluster_id') };

/** Whether an application's destination means this cluster. Its two names find the few that may, by their indexes. */
export function goesTo(clusterId: string): SQL {
  return sql`("applications"."destination_server" = (select server from ${clusters} where id = ${clusterId})
      or "applications"."destination_name" = (select name from ${clusters} where id = ${clusterId}))
    and ${clusterOfApplication} = ${clusterId}`;
}
