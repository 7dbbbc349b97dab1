import { sql } from 'drizzle-orm';
import type { ManagedKind } from '../../../core/home/settings/ownership-change.ts';
import type { Database } from '../../client.ts';
import { applicationStatus, applications } from '../../schema/application.ts';
import { clusters } from '../../schema/cluster.ts';
import { clusterOfApplication, isStatusOf } from '../application/destination.ts';

/** How many live objects of each kind applications manage in each cluster, as their last comparisons found them. */
export async function managedKinds(db: Database): Promise<ManagedKind[]> {
  type Row = { server: string; name: string; group: string; kind: string; count: number };
  const { rows } = await db.execute<Row>(sql`
    select ${clusters.server}, ${clusters.name}, coalesce(object ->> 'group', '') as "group",
        object ->> 'kind' as kind, count(*)::int as count
    from ${applications}
    join ${applicationStatus} on ${isStatusOf}
    join ${clusters} on ${clusters.id} = ${clusterOfApplication}
    cross join lateral jsonb_array_elements(${applicationStatus.resources}) object
    where coalesce(object -> 'health' ->> 'status', '') <> 'Missing' and not coalesce((object ->> 'hook')::boolean, false)
    group by 1, 2, 3, 4`);
  return rows.map(({ server, name, group, kind, count }) => ({
    cluster: { server, name },
    group,
    kind,
    count,
  }));
}
