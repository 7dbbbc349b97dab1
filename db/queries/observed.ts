import { and, eq, inArray, sql } from 'drizzle-orm';
import { canonicalJson, sameJson } from '../../core/object/canonical.ts';
import type { Database } from '../client.ts';
import { applications, resourceNodes } from '../schema/application.ts';
import type { ApplicationRow } from './application.ts';
import { recordChange } from './change.ts';
import { markCompared } from './dirty.ts';
import { asSession } from './session.ts';

export type Observation = {
  readonly observed: Pick<
    ApplicationRow,
    'syncStatus' | 'healthStatus' | 'healthMessage' | 'conditions' | 'resources' | 'summary'
  >;
  /** Nodes of the resource tree, each with an id of its own. */
  readonly nodes: readonly TreeNode[];
  readonly comparedGeneration?: number;
};

type TreeNode = { readonly uid?: string; readonly kind: string; readonly name: string };

/**
 * Stores what a session observed of an application; what hasn't changed is not written. A comparison that answers
 * a refresh request also moves `reconciledAt`.
 */
export function saveObserved(
  db: Database,
  session: { clusterId: string; epoch: number },
  application: ApplicationRow,
  observation: Observation,
): Promise<void> {
  const { observed, nodes, comparedGeneration } = observation;
  const changed = !sameJson(observed, pick(application, observed));
  return asSession(db, session, async (tx) => {
    const answers =
      comparedGeneration !== undefined && (await markCompared(tx, application.id, comparedGeneration));
    if (changed || answers || application.reconciledAt === null) {
      await tx
        .update(applications)
        .set({ ...observed, sessionEpoch: session.epoch, reconciledAt: sql`clock_timestamp()` })
        .where(eq(applications.id, application.id));
      await recordChange(tx, { type: 'MODIFIED', topic: 'application', applicationId: application.id });
    }
    if (await saveNodes(tx, session.epoch, application.id, nodes)) {
      await recordChange(tx, { type: 'MODIFIED', topic: 'tree', applicationId: application.id });
    }
  });
}

function pick(row: ApplicationRow, like: Observation['observed']): unknown {
  return Object.fromEntries(Object.keys(like).map((name) => [name, row[name as keyof typeof like]]));
}

async function saveNodes(
  tx: Database,
  epoch: number,
  applicationId: string,
  nodes: readonly TreeNode[],
): Promise<boolean> {
  const stored = await tx
    .select({ nodeId: resourceNodes.nodeId, node: resourceNodes.node })
    .from(resourceNodes)
    .where(eq(resourceNodes.applicationId, applicationId));
  const before = new Map(stored.map((row) => [row.nodeId, canonicalJson(row.node)]));
  const now = new Map(nodes.map((node) => [nodeId(node), node]));
  const gone = [...before.keys()].filter((id) => !now.has(id));
  const changed = [...now].filter(([id, node]) => before.get(id) !== canonicalJson(node));
  if (gone.length > 0) {
    await tx
      .delete(resourceNodes)
      .where(and(eq(resourceNodes.applicationId, applicationId), inArray(resourceNodes.nodeId, gone)));
  }
  if (changed.length > 0) {
    await tx
      .insert(resourceNodes)
      .values(changed.map(([id, node]) => ({ applicationId, nodeId: id, node, epoch })))
      .onConflictDoUpdate({
        target: [resourceNodes.applicationId, resourceNodes.nodeId],
        set: { node: sql`excluded.node`, epoch: sql`excluded.epoch`, updatedAt: sql`now()` },
      });
  }
  return gone.length > 0 || changed.length > 0;
}

function nodeId(node: TreeNode & { group?: string; namespace?: string }): string {
  return node.uid ?? `${node.group ?? ''}/${node.kind}/${node.namespace ?? ''}/${node.name}`;
}
