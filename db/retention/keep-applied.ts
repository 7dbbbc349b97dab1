import { sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { appliedObjects, operations, plans, stepResults } from '../schema/operation.ts';

/**
 * Keeps what operations have applied before their steps go, of each name the object that was written last: a name
 * stands for one live object. Hooks are made anew by each sync and are nobody's to prune.
 */
export async function keepApplied(db: Database, operationIds: readonly string[]): Promise<void> {
  await db.execute(sql`
    with applied as (
      select o.application_id, o.cluster_id, p.plan -> 'steps' -> s.step as step, s.uid, s.applied_at
      from ${stepResults} s
      join ${operations} o on o.id = s.operation_id
      join ${plans} p on p.operation_id = s.operation_id and p.attempt = s.attempt
      where s.operation_id = any(${sql.param(operationIds)}::uuid[])
        and s.uid is not null and s.status <> 'PruneSkipped' and o.cluster_id is not null
    )
    insert into ${appliedObjects} as kept (application_id, cluster_id, key, uid, applied_at)
    select distinct on (application_id, cluster_id, step -> 'key')
      application_id, cluster_id, step ->> 'key', uid, applied_at
    from applied where step ->> 'action' <> 'create-hook'
    order by application_id, cluster_id, step -> 'key', applied_at desc
    on conflict (application_id, cluster_id, key) do update
      set uid = excluded.uid, applied_at = excluded.applied_at
      where kept.applied_at < excluded.applied_at`);
}
