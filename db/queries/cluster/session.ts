import { and, eq, inArray, isNotNull, or, type SQL, sql } from 'drizzle-orm';
import { KeelsonError } from '../../../core/errors.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import { ownField } from '../../../core/own-field.ts';
import type { Database } from '../../client.ts';
import { applicationStatus, applications, dirty } from '../../schema/application.ts';
import { type ClusterCapabilities, clusterSessions, clusters } from '../../schema/cluster.ts';
import { renders } from '../../schema/manifest.ts';
import { goesTo, isStatusOf } from '../application/destination.ts';

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
 * The guard of what a session writes: one row while the session has its cluster, none afterwards. The share lock holds
 * off a takeover until the write is committed: it is either before the new epoch or not.
 */
export function sessionGuard({ clusterId, epoch }: Session): SQL {
  return sql`select 1 from ${clusterSessions} where cluster_id = ${clusterId} and epoch = ${epoch} for share`;
}

/** Runs writes of a session in one transaction, or throws `fenced` when another session has taken the cluster. */
export function asSession<T>(
  db: Database,
  session: Session,
  write: (tx: Database) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.execute(sessionGuard(session));
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
  capabilities: SeenCapabilities,
): Promise<void> {
  await asSession(db, session, async (tx) => {
    await tx
      .update(clusterSessions)
      .set({ syncedAt: sql`now()` })
      .where(eq(clusterSessions.clusterId, session.clusterId));
    await saveCapabilities(tx, session.clusterId, capabilities);
    await tx
      .update(clusters)
      .set({ connectionStatus: 'Successful', connectionMessage: '', connectionAt: sql`now()` })
      .where(eq(clusters.id, session.clusterId));
    await raiseWhere(tx, session.clusterId, isNotNull(applicationStatus.renderError));
  });
}

/** What a cluster said that it can do, and which group versions didn't answer. */
export type SeenCapabilities = ClusterCapabilities & { readonly unclear: readonly string[] };

/** Records what a cluster can do, and asks for renders of the applications for which that makes a difference. */
export async function saveCapabilities(
  tx: Database,
  clusterId: string,
  seen: SeenCapabilities,
): Promise<void> {
  const [known] = await tx
    .select({ before: clusters.capabilities })
    .from(clusters)
    .where(eq(clusters.id, clusterId))
    .for('update');
  const before = known?.before ?? undefined;
  const capabilities = withUnclear(seen, before);
  if (before !== undefined && sameJson(before, capabilities)) return;
  await tx.update(clusters).set({ capabilities }).where(eq(clusters.id, clusterId));
  if (before === undefined) return;
  const isTold =
    before.kubeVersion !== capabilities.kubeVersion ||
    !sameJson(before.apiVersions, capabilities.apiVersions);
  const moved = changedKinds(before.namespaced, capabilities.namespaced);
  const readers = tx
    .select({ id: renders.id })
    .from(renders)
    .where(
      or(
        isTold ? sql`${renders.inputs} ->> 'cluster' = 'true'` : sql`false`,
        sql`${renders.scopes} ?| ${sql.param(moved)}::text[]`,
      ),
    );
  const reads = inArray(applicationStatus.desiredRenderId, readers);
  await raiseWhere(tx, clusterId, isTold ? or(reads, isNotNull(applicationStatus.renderError)) : reads);
}

/** What doesn't answer for the moment is still there: a chart that leaves it out would have its objects pruned. */
function withUnclear(
  { unclear, ...seen }: SeenCapabilities,
  before: ClusterCapabilities | undefined,
): ClusterCapabilities {
  if (before === undefined || unclear.length === 0) return seen;
  const isUnclear = (apiVersion: string): boolean =>
    unclear.some((one) => apiVersion === one || apiVersion.startsWith(`${one}/`));
  const groups = unclear.map((one) => one.slice(0, one.lastIndexOf('/') + 1));
  const kept = Object.entries(before.namespaced).filter(([kind]) =>
    groups.some((group) => group !== '' && kind.startsWith(group)),
  );
  const apiVersions = new Set([...seen.apiVersions, ...before.apiVersions.filter(isUnclear)]);
  return {
    ...seen,
    apiVersions: [...apiVersions].sort(),
    namespaced: { ...Object.fromEntries(kept), ...seen.namespaced },
  };
}

function changedKinds(
  before: ClusterCapabilities['namespaced'],
  after: ClusterCapabilities['namespaced'],
): string[] {
  const kinds = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...kinds].filter((kind) => ownField(before, kind) !== ownField(after, kind));
}

async function raiseWhere(tx: Database, clusterId: string, which: SQL | undefined): Promise<void> {
  const chosen = tx
    .select({ id: applications.id })
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .where(and(goesTo(clusterId), which));
  await tx
    .update(dirty)
    .set({ generation: sql`${dirty.generation} + 1`, requestedAt: sql`now()` })
    .where(inArray(dirty.applicationId, chosen));
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
