import { hash } from 'node:crypto';
import { and, asc, eq, sql } from 'drizzle-orm';
import type { FinalApplication } from '../../../core/application/record.ts';
import type { ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { type Decided, specText } from '../../../core/application/spec/spec-text.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import type { StoredNode, TreeNode } from '../../../core/wire/tree.ts';
import { builtOnce } from '../../built-once.ts';
import type { Database } from '../../client.ts';
import { loadRows } from '../../load-together.ts';
import {
  applicationStatus,
  applications,
  nextResourceVersion,
  resourceNodes,
} from '../../schema/application.ts';
import { closeDeletionsOf } from '../home/home-deletion.ts';
import { recordChange, recordModified } from './change.ts';
import { applicationColumns, isStatusOf } from './destination.ts';
import { requestRefreshOf } from './refresh-request.ts';

/** An application as a row, with the cluster that its destination meant when it was read. */
export type ApplicationRow = Omit<
  typeof applications.$inferSelect & typeof applicationStatus.$inferSelect,
  'applicationId' | 'destinationName' | 'destinationServer'
> & { readonly clusterId: string | null };

const applicationByName = builtOnce((db) =>
  db
    .select(applicationColumns)
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .where(
      and(
        eq(applications.namespace, sql.placeholder('namespace')),
        eq(applications.name, sql.placeholder('name')),
      ),
    )
    .prepare('application_by_name'),
);

export async function findApplication(
  db: Database,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<ApplicationRow | undefined> {
  const [row] = await applicationByName(db).execute({ namespace, name });
  return row;
}

export const getApplication = loadRows<ApplicationRow>(
  (db) =>
    db
      .select(applicationColumns)
      .from(applications)
      .innerJoin(applicationStatus, isStatusOf)
      .where(sql`${applications.id} = any(${sql.placeholder('ids')}::uuid[])`)
      .prepare('applications_by_id'),
  ({ id }) => id,
);

/** What an owner decides about an application. */
export type ApplicationWrite = {
  readonly project: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly finalizers: string[];
  readonly spec: ApplicationSpec;
};

/** Which object of the home cluster a row mirrors, what the mirroring has to say of it, and what it knows of its end. */
export type HomeColumns = Pick<
  ApplicationRow,
  | 'homeUid'
  | 'homeVersion'
  | 'homeSince'
  | 'homeConditions'
  | 'deletion'
  | 'deletionRequestedAt'
  | 'deletionFailure'
>;

/** A digest of what counts for the generation of an application. */
export function specDigest(decided: Decided): string {
  return hash('sha256', specText(decided), 'base64url');
}

/** The generation of an application once its owner has decided this; only another digest raises it. */
export function nextGeneration(
  row: Decided & Pick<ApplicationRow, 'specDigest' | 'specGeneration'>,
  decided: Decided,
): Pick<ApplicationRow, 'specDigest' | 'specGeneration'> {
  const digest = specDigest(decided);
  const changed = (row.specDigest ?? specDigest(row)) !== digest;
  return { specDigest: digest, specGeneration: row.specGeneration + (changed ? 1 : 0) };
}

/**
 * An application that nobody else changes until the transaction ends, nor what is observed of it. Rows that refer to it
 * can still be written, so that whoever writes those doesn't wait with what this transaction needs next.
 */
export async function lockApplication(tx: Database, id: string): Promise<ApplicationRow | undefined> {
  const [row] = await tx
    .select(applicationColumns)
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .where(eq(applications.id, id))
    .for('no key update');
  return row;
}

/** The same by name: also where another application takes the name meanwhile. */
export async function lockApplicationNamed(
  tx: Database,
  { namespace, name }: Pick<ApplicationRow, 'namespace' | 'name'>,
): Promise<ApplicationRow | undefined> {
  const [row] = await tx
    .select(applicationColumns)
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .where(and(eq(applications.namespace, namespace), eq(applications.name, name)))
    .for('no key update');
  return row;
}

/**
 * Replaces what the owner decides of an application that this transaction has locked. A changed spec raises the
 * generation and asks for a refresh.
 */
export async function updateApplication(
  tx: Database,
  locked: ApplicationRow,
  write: ApplicationWrite,
  home: Partial<HomeColumns> = {},
): Promise<ApplicationRow | undefined> {
  const spec = formatJson(write.spec);
  await tx
    .update(applications)
    .set({
      ...write,
      ...home,
      ...nextGeneration(locked, write),
      generation: sql`${applications.generation} + (${applications.spec} is distinct from ${spec}::jsonb)::int`,
    })
    .where(eq(applications.id, locked.id));
  await requestRefreshOf(tx, locked.id);
  await recordModified(tx, locked.id);
  return getApplication(tx, locked.id);
}

/**
 * Records what the mirroring knows of a locked application, and nothing of what its owner decides. Only `shown` changes
 * are announced: a version that is newer alone is nobody's news.
 */
export async function updateHome(
  tx: Database,
  { id }: Pick<ApplicationRow, 'id'>,
  home: Partial<HomeColumns>,
  { shown }: { readonly shown: boolean },
): Promise<void> {
  await tx.update(applications).set(home).where(eq(applications.id, id));
  if (shown) await recordModified(tx, id);
}

/** Removes an application's row and announces its end; operations stay. Answers whether it was there. */
export function removeApplication(db: Database, id: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    const row = await lockApplication(tx, id);
    if (row === undefined) return false;
    // Raised once more so that the event is newer than everything that was seen of the application.
    const { rows } = await tx.execute<{ version: string }>(sql`select ${nextResourceVersion} as version`);
    await tx.delete(applications).where(eq(applications.id, id));
    await closeDeletionsOf(tx, row);
    const final: FinalApplication = {
      uid: row.homeUid ?? row.id,
      namespace: row.namespace,
      name: row.name,
      labels: row.labels,
      resourceVersion: Number(rows[0]?.version),
      spec: row.spec,
    };
    await recordChange(tx, {
      type: 'DELETED',
      topic: 'application',
      applicationId: id,
      ...(row.clusterId === null ? {} : { clusterId: row.clusterId }),
      final,
    });
    return true;
  });
}

/** Nodes of an application's tree as the session last saw them. */
export async function listTreeNodes(db: Database, applicationId: string): Promise<TreeNode[]> {
  return (await listStoredNodes(db, applicationId)).filter(({ orphaned }) => orphaned !== true);
}

/** The same with objects of no application, which are the application's only to look at. */
export async function listStoredNodes(db: Database, applicationId: string): Promise<StoredNode[]> {
  const rows = await db
    .select({ node: resourceNodes.node })
    .from(resourceNodes)
    .where(eq(resourceNodes.applicationId, applicationId))
    .orderBy(asc(resourceNodes.nodeId));
  return rows.map(({ node }) => node);
}
