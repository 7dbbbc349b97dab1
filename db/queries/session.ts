import { and, eq, inArray, isNotNull, type SQL, sql } from 'drizzle-orm';
import { KeelsonError } from '../../core/errors.ts';
import type { Database } from '../client.ts';
import { applications, dirty } from '../schema/application.ts';
import { type ClusterCapabilities, clusterSessions, clusters } from '../schema/cluster.ts';

/** Takes a cluster's session row; whoever had it can't write from now on. Answers with the new epoch. */
export async function takeSession(
  db: Database,
  session: { clusterId: string; owner: string; version: string },
): Promise<number> {
  const [row] = await db
    .insert(clusterSessions)
    .values({ ...session, epoch: 1 })
    .onConflictDoUpdate({
      target: clusterSessions.clusterId,
      set: {
        epoch: sql`${clusterSessions.epoch} + 1`,
        owner: session.owner,
        version: session.version,
        takenAt: sql`now()`,
        syncedAt: null,
      },
    })
    .returning({ epoch: clusterSessions.epoch });
  if (row === undefined) throw new KeelsonError('internal', 'session row was not returned by its insert');
  return row.epoch;
}

/** One holder's time with a cluster. */
export type Session = { readonly clusterId: string; readonly epoch: number };

/** The failure of a write by a session that is over. */
export function sessionReplaced({ clusterId, epoch }: Session): KeelsonError {
  return new KeelsonError('fenced', `session ${epoch} of cluster ${clusterId} was replaced`);
}

/**
 * The part `held` of a statement that a session writes by: one row while the session has its cluster, none afterwards.
 * The share lock holds off a takeover until the statement is committed: a write is either before the new epoch or not.
 */
export function heldPart({ clusterId, epoch }: Session): SQL {
  return sql`held as materialized (
    select 1 from ${clusterSessions} where cluster_id = ${clusterId} and epoch = ${epoch} for share)`;
}

/** Runs writes of a session in one transaction, or throws `fenced` when another session has taken the cluster. */
export function asSession<T>(
  db: Database,
  session: Session,
  write: (tx: Database) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute(sql`with ${heldPart(session)} select 1 from held`);
    if (rows.length === 0) throw sessionReplaced(session);
    return write(tx);
  });
}

/**
 * Records that the session's cache is complete, with what the cluster can do. What could not be rendered is asked for
 * again: it may have failed for want of just that.
 */
export async function markSessionSynced(
  db: Database,
  session: Session,
  capabilities: ClusterCapabilities,
): Promise<void> {
  await asSession(db, session, async (tx) => {
    await tx
      .update(clusterSessions)
      .set({ syncedAt: sql`now()` })
      .where(eq(clusterSessions.clusterId, session.clusterId));
    await tx
      .update(clusters)
      .set({
        capabilities,
        connectionStatus: 'Successful',
        connectionMessage: '',
        connectionAt: sql`now()`,
      })
      .where(eq(clusters.id, session.clusterId));
    const failed = tx
      .select({ id: applications.id })
      .from(applications)
      .where(and(eq(applications.clusterId, session.clusterId), isNotNull(applications.renderError)));
    await tx
      .update(dirty)
      .set({ generation: sql`${dirty.generation} + 1`, requestedAt: sql`now()` })
      .where(inArray(dirty.applicationId, failed));
  });
}

/** Records why a cluster can't be reached; `connectionAt` keeps the time since which it can't. */
export async function markClusterFailed(db: Database, clusterId: string, message: string): Promise<void> {
  await db
    .update(clusters)
    .set({
      connectionStatus: 'Failed',
      connectionMessage: message,
      connectionAt: sql`case when ${clusters.connectionStatus} = 'Failed' then ${clusters.connectionAt} else now() end`,
    })
    .where(eq(clusters.id, clusterId));
}

export type ClusterConnection = {
  readonly name: string;
  readonly status: 'Unknown' | 'Successful' | 'Failed';
  readonly message: string;
  readonly failingSince: Date | null;
};

/** What the last session said of a cluster's connection; undefined when the cluster isn't registered. */
export async function clusterConnection(
  db: Database,
  clusterId: string,
): Promise<ClusterConnection | undefined> {
  const [row] = await db.select().from(clusters).where(eq(clusters.id, clusterId));
  if (row === undefined) return undefined;
  return {
    name: row.name,
    status: row.connectionStatus,
    message: row.connectionMessage,
    failingSince: row.connectionStatus === 'Failed' ? row.connectionAt : null,
  };
}
