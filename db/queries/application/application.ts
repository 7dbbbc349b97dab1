import { and, asc, eq, sql } from 'drizzle-orm';
import type { FinalApplication } from '../../../core/application/record.ts';
import type { ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import type { TreeNode } from '../../../core/wire/tree.ts';
import { builtOnce } from '../../built-once.ts';
import type { Database } from '../../client.ts';
import { applications, nextResourceVersion, resourceNodes } from '../../schema/application.ts';
import { loadRowsBy } from '../rows-by.ts';
import { recordChange, recordModified } from './change.ts';
import { raiseDirty } from './dirty.ts';

export type ApplicationRow = typeof applications.$inferSelect;

const applicationByName = builtOnce((db) =>
  db
    .select()
    .from(applications)
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

export const getApplication = loadRowsBy(applications, 'id');

/** What an owner decides about an application. */
export type ApplicationWrite = {
  readonly project: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly finalizers: string[];
  readonly spec: ApplicationSpec;
  readonly clusterId: string | null;
};

/** Replaces what the owner decides. A changed spec raises the generation and asks for a refresh. */
export async function updateApplication(
  db: Database,
  row: Pick<ApplicationRow, 'id'>,
  write: ApplicationWrite,
): Promise<ApplicationRow | undefined> {
  return db.transaction(async (tx) => {
    const spec = formatJson(write.spec);
    const [updated] = await tx
      .update(applications)
      .set({
        ...write,
        generation: sql`${applications.generation} + (${applications.spec} is distinct from ${spec}::jsonb)::int`,
      })
      .where(eq(applications.id, row.id))
      .returning({ id: applications.id });
    if (updated === undefined) return undefined;
    await raiseDirty(tx, row.id);
    await recordModified(tx, row.id);
    return getApplication(tx, row.id);
  });
}

/** Removes an application's row and announces its end; operations stay. Answers whether it was there. */
export function removeApplication(db: Database, id: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    // Raised once more so that the event is newer than everything that was seen of the application.
    const [row] = await tx
      .update(applications)
      .set({ resourceVersion: nextResourceVersion as unknown as number })
      .where(eq(applications.id, id))
      .returning();
    if (row === undefined) return false;
    await tx.delete(applications).where(eq(applications.id, id));
    const final: FinalApplication = {
      uid: row.id,
      namespace: row.namespace,
      name: row.name,
      labels: row.labels,
      resourceVersion: row.resourceVersion,
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
  const rows = await db
    .select({ node: resourceNodes.node })
    .from(resourceNodes)
    .where(eq(resourceNodes.applicationId, applicationId))
    .orderBy(asc(resourceNodes.nodeId));
  return rows.map(({ node }) => node);
}
