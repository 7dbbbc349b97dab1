import { asc, count, eq, inArray, sql } from 'drizzle-orm';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import { withoutTrailing } from '../../../core/text/trim.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import { associatedDataOf } from '../../associated-data.ts';
import { builtOnce } from '../../built-once.ts';
import type { Database } from '../../client.ts';
import { applicationStatus, applications, nextResourceVersion } from '../../schema/application.ts';
import { clusters } from '../../schema/cluster.ts';
import { changeRows } from '../../statement.ts';
import { recordChange } from '../application/change.ts';
import { clusterOfApplication, clustersAt, goesTo, isStatusOf } from '../application/destination.ts';
import { requestRefreshes } from '../application/refresh-request.ts';
import { loadRowsBy } from '../rows-by.ts';

export type ClusterRow = typeof clusters.$inferSelect;

export function listClusters(db: Database): Promise<ClusterRow[]> {
  return db.select().from(clusters).orderBy(asc(clusters.name));
}

const registrationColumns = {
  id: clusters.id,
  name: clusters.name,
  server: clusters.server,
  credentials: clusters.credentials,
  namespaces: clusters.namespaces,
  clusterResources: clusters.clusterResources,
};

/** How a cluster is registered: where it is, who we are there, and what of it is ours to see. */
export type ClusterRegistration = Pick<ClusterRow, keyof typeof registrationColumns>;

/** How clusters are registered now; those that aren't are left out. */
export async function registrationsOf(
  db: Database,
  clusterIds: readonly string[],
): Promise<ClusterRegistration[]> {
  if (clusterIds.length === 0) return [];
  return db
    .select(registrationColumns)
    .from(clusters)
    .where(inArray(clusters.id, [...clusterIds]));
}

export const getCluster = loadRowsBy(clusters, 'id');

const clusterAt = builtOnce((db) => {
  const given = (name: string) => sql`${sql.placeholder(name)}::text`;
  const at = clustersAt({ server: given('server'), name: given('name'), project: given('project') });
  return db
    .select()
    .from(clusters)
    .where(sql`${clusters.id} = (select found.id ${at})`)
    .prepare('cluster_at');
});

/**
 * The cluster that a destination names, by server URL (a trailing slash doesn't matter) or by name: one of the project
 * before one for all.
 */
export async function findCluster(
  db: Database,
  destination: { readonly server?: string | undefined; readonly name?: string | undefined },
  project = '',
): Promise<ClusterRow | undefined> {
  const { server = '', name = '' } = destination;
  const [row] = await clusterAt(db).execute({ server: trimServer(server), name, project });
  return row;
}

/** The cluster at a server, whichever project it is for. */
export async function findClusterAt(db: Database, server: string): Promise<ClusterRow | undefined> {
  const [row] = await db
    .select()
    .from(clusters)
    .where(eq(clusters.server, trimServer(server)));
  return row;
}

/** Number of applications per cluster id. */
export async function countApplicationsByCluster(db: Database): Promise<Map<string, number>> {
  const going = db
    .select({ clusterId: clusterOfApplication.as('cluster_id') })
    .from(applications)
    .as('going');
  const rows = await db
    .select({ clusterId: going.clusterId, count: count() })
    .from(going)
    .groupBy(going.clusterId);
  return new Map(
    rows.flatMap(({ clusterId, count: many }) => (clusterId === null ? [] : [[clusterId, many]])),
  );
}

/**
 * Adds a cluster, or replaces what is given of the one at that server, which every process is told. Applications
 * find it by their destinations; those that named it by its old name are looked at again. Credentials are any JSON value.
 */
export async function saveCluster(
  db: Database,
  keyring: Keyring,
  cluster: { readonly name: string; readonly server: string; readonly credentials: unknown } & Partial<
    Pick<ClusterRow, 'labels' | 'annotations' | 'namespaces' | 'clusterResources' | 'project'>
  >,
): Promise<ClusterRow> {
  const { name, credentials: given, ...further } = cluster;
  const server = trimServer(cluster.server);
  const plain = Buffer.from(formatJson(given), 'utf8');
  const credentials = keyring.seal('credentials', associatedDataOf.clusters({ server }), plain);
  return db.transaction(async (tx) => {
    const [before] = await tx
      .select({ name: clusters.name })
      .from(clusters)
      .where(eq(clusters.server, server));
    const [row] = await tx
      .insert(clusters)
      .values({ ...further, name, server, credentials })
      .onConflictDoUpdate({ target: clusters.server, set: { ...further, server, name, credentials } })
      .returning();
    if (row === undefined) throw new KeelsonError('internal', 'cluster row was not returned by its insert');
    if (before !== undefined && before.name !== row.name) {
      const named = await tx
        .select({ id: applications.id })
        .from(applications)
        .where(eq(applications.destinationName, before.name));
      await loseDestination(tx, named);
    }
    await recordChange(tx, { type: 'MODIFIED', topic: 'cluster', clusterId: row.id });
    return row;
  });
}

/**
 * Forgets a cluster. Nothing on it is touched: its session ends, and applications that went there say that they have no
 * cluster until one is there again that their destination means. Answers whether there was such a cluster.
 */
export function removeCluster(db: Database, id: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const leaving = await tx.select({ id: applications.id }).from(applications).where(goesTo(id));
    const gone = await tx.delete(clusters).where(eq(clusters.id, id)).returning({ id: clusters.id });
    if (gone.length === 0) return false;
    await loseDestination(tx, leaving);
    await recordChange(tx, { type: 'DELETED', topic: 'cluster', clusterId: id });
    return true;
  });
}

/** Forgets what was found of these applications where they have no cluster any more, and has all looked at again. */
async function loseDestination(tx: Database, leaving: readonly { readonly id: string }[]): Promise<void> {
  if (leaving.length === 0) return;
  const ids = leaving.map(({ id }) => id);
  await changeRows(tx, {
    parts: {
      lost: sql`
        update ${applicationStatus} set sync_status = 'Unknown', health_status = 'Unknown', health_message = null,
          resource_version = ${nextResourceVersion}
        from ${applications}
        where ${isStatusOf} and ${inArray(applications.id, ids)} and ${clusterOfApplication} is null
        returning application_id, null::uuid as cluster_id`,
    },
    when: 'lost',
    announces: { type: 'MODIFIED', topic: 'application', each: 'lost' },
  });
  await requestRefreshes(tx, ids);
}

/** The credentials of a cluster row as they were saved. */
export function openClusterCredentials(
  keyring: Keyring,
  row: Pick<ClusterRow, 'server' | 'credentials'>,
): unknown {
  return parseJson(
    keyring.open('credentials', associatedDataOf.clusters(row), row.credentials).toString('utf8'),
  );
}

function trimServer(server: string): string {
  return withoutTrailing(server, '/');
}
