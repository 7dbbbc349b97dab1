import { and, asc, count, inArray, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import { withoutTrailing } from '../../../core/text/trim.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { clusters } from '../../schema/cluster.ts';
import { placeOf } from '../../sealed-place.ts';
import { recordChange } from '../application/change.ts';
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

const clusterAt = loadRowsBy(clusters, 'server');

const clusterNamed = loadRowsBy(clusters, 'name');

/** The cluster that a destination names, by server URL (a trailing slash doesn't matter) or by name. */
export async function findCluster(
  db: Database,
  destination: { readonly server?: string | undefined; readonly name?: string | undefined },
): Promise<ClusterRow | undefined> {
  const { server, name } = destination;
  if (server !== undefined && server !== '') return clusterAt(db, trimServer(server));
  return name === undefined || name === '' ? undefined : clusterNamed(db, name);
}

/** Number of applications per cluster id. */
export async function countApplicationsByCluster(db: Database): Promise<Map<string, number>> {
  const rows = await db
    .select({ clusterId: applications.clusterId, count: count() })
    .from(applications)
    .where(isNotNull(applications.clusterId))
    .groupBy(applications.clusterId);
  return new Map(rows.map((row) => [row.clusterId ?? '', row.count]));
}

/**
 * Adds a cluster, or replaces name and credentials of the one at that server, which every process is told; applications
 * that have waited for it find it. Credentials are any JSON value.
 */
export async function saveCluster(
  db: Database,
  keyring: Keyring,
  cluster: { readonly name: string; readonly server: string; readonly credentials: unknown },
): Promise<ClusterRow> {
  const server = trimServer(cluster.server);
  const plain = Buffer.from(formatJson(cluster.credentials), 'utf8');
  const credentials = keyring.seal('credentials', placeOf.clusters({ server }), plain);
  return db.transaction(async (tx) => {
    const [row] = await tx
      .insert(clusters)
      .values({ name: cluster.name, server, credentials })
      .onConflictDoUpdate({ target: clusters.server, set: { name: cluster.name, credentials } })
      .returning();
    if (row === undefined) throw new KeelsonError('internal', 'cluster row was not returned by its insert');
    await recordChange(tx, { type: 'MODIFIED', topic: 'cluster', clusterId: row.id });
    const named = sql`${applications.spec} -> 'destination'`;
    await tx
      .update(applications)
      .set({ clusterId: row.id })
      .where(
        and(
          isNull(applications.clusterId),
          or(sql`rtrim(${named} ->> 'server', '/') = ${server}`, sql`${named} ->> 'name' = ${cluster.name}`),
        ),
      );
    return row;
  });
}

/** The credentials of a cluster row as they were saved. */
export function openClusterCredentials(
  keyring: Keyring,
  row: Pick<ClusterRow, 'server' | 'credentials'>,
): unknown {
  return parseJson(keyring.open('credentials', placeOf.clusters(row), row.credentials).toString('utf8'));
}

function trimServer(server: string): string {
  return withoutTrailing(server, '/');
}
