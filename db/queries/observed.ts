import { createHash } from 'node:crypto';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { type FoundCondition, replaceConditions } from '../../core/application/conditions.ts';
import type { Condition } from '../../core/application/status.ts';
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
    'syncStatus' | 'healthStatus' | 'healthMessage' | 'resources' | 'summary'
  >;
  /** The writer's view of the condition types that it owns; all others stay. */
  readonly conditions: { readonly types: readonly string[]; readonly found: readonly FoundCondition[] };
  /** Nodes of the resource tree, each with an id of its own; the stored ones stay when absent. */
  readonly nodes?: readonly TreeNode[];
  readonly comparedGeneration?: number;
};

type TreeNode = { readonly uid?: string; readonly kind: string; readonly name: string };

/** Stores what one session observes; only it writes these rows, so it knows what they hold. */
export type ObservationStore = {
  /**
   * Stores what changed since the last time, and nothing where nothing did. A comparison that answers a refresh
   * request also moves `reconciledAt`.
   */
  save(application: ApplicationRow, observation: Observation): Promise<void>;
};

/** A store for one session; throws `fenced` once another session has the cluster. */
export function createObservationStore(
  db: Database,
  session: { readonly clusterId: string; readonly epoch: number },
): ObservationStore {
  /** By application: the nodes that are stored, as digests of their JSON by node id. */
  const known = new Map<string, ReadonlyMap<string, string>>();
  return {
    async save(application, { observed, conditions, nodes, comparedGeneration }) {
      const { id } = application;
      const written = new Date().toISOString();
      const changed =
        application.reconciledAt === null ||
        !sameJson(observed, pick(application, observed)) ||
        !sameJson(replaceConditions(application.conditions, conditions, written), application.conditions);
      const before = known.get(id);
      const now = nodes === undefined ? before : new Map(nodes.map((node) => [nodeId(node), digest(node)]));
      const same = now === undefined || (before !== undefined && sameNodes(before, now));
      if (same && !changed && comparedGeneration === undefined) return;
      // Forgotten until the commit: after a failure the rows are read again.
      known.delete(id);
      await asSession(db, session, async (tx) => {
        // The application's row before its dirty row, as everybody else takes them: the other order can deadlock.
        const row = tx.select({ id: applications.id }).from(applications).where(eq(applications.id, id));
        await row.for('no key update');
        const answers = comparedGeneration !== undefined && (await markCompared(tx, id, comparedGeneration));
        if (changed || answers) {
          await tx
            .update(applications)
            .set({
              ...observed,
              // Other writers have conditions of their own in the same list.
              conditions: replaceConditions(await lockedConditions(tx, id), conditions, written),
              sessionEpoch: session.epoch,
              reconciledAt: sql`clock_timestamp()`,
            })
            .where(eq(applications.id, id));
          await recordChange(tx, { type: 'MODIFIED', topic: 'application', applicationId: id });
        }
        if (now === undefined || nodes === undefined) return;
        const stored = before ?? (await storedNodes(tx, id));
        if (sameNodes(stored, now)) return;
        await saveNodes(tx, { epoch: session.epoch, applicationId: id, before: stored, now, nodes });
        await recordChange(tx, { type: 'MODIFIED', topic: 'tree', applicationId: id });
      });
      if (now !== undefined) known.set(id, now);
    },
  };
}

async function lockedConditions(tx: Database, id: string): Promise<Condition[]> {
  const [row] = await tx
    .select({ conditions: applications.conditions })
    .from(applications)
    .where(eq(applications.id, id))
    .for('update');
  return row?.conditions ?? [];
}

function pick(row: ApplicationRow, like: Observation['observed']): unknown {
  return Object.fromEntries(Object.keys(like).map((name) => [name, row[name as keyof typeof like]]));
}

function sameNodes(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): boolean {
  if (before.size !== now.size) return false;
  for (const [id, content] of now) if (before.get(id) !== content) return false;
  return true;
}

async function storedNodes(tx: Database, applicationId: string): Promise<Map<string, string>> {
  const rows = await tx
    .select({ nodeId: resourceNodes.nodeId, node: resourceNodes.node })
    .from(resourceNodes)
    .where(eq(resourceNodes.applicationId, applicationId));
  return new Map(rows.map((row) => [row.nodeId, digest(row.node)]));
}

type NodeChange = {
  readonly epoch: number;
  readonly applicationId: string;
  readonly before: ReadonlyMap<string, string>;
  readonly now: ReadonlyMap<string, string>;
  readonly nodes: readonly TreeNode[];
};

async function saveNodes(tx: Database, change: NodeChange): Promise<void> {
  const { epoch, applicationId, before, now, nodes } = change;
  const gone = [...before.keys()].filter((id) => !now.has(id));
  const changed = nodes.filter((node) => before.get(nodeId(node)) !== now.get(nodeId(node)));
  if (gone.length > 0) {
    await tx
      .delete(resourceNodes)
      .where(and(eq(resourceNodes.applicationId, applicationId), inArray(resourceNodes.nodeId, gone)));
  }
  if (changed.length === 0) return;
  await tx
    .insert(resourceNodes)
    .values(changed.map((node) => ({ applicationId, nodeId: nodeId(node), node, epoch })))
    .onConflictDoUpdate({
      target: [resourceNodes.applicationId, resourceNodes.nodeId],
      set: { node: sql`excluded.node`, epoch: sql`excluded.epoch`, updatedAt: sql`now()` },
    });
}

function nodeId(node: TreeNode & { group?: string; namespace?: string }): string {
  return node.uid ?? `${node.group ?? ''}/${node.kind}/${node.namespace ?? ''}/${node.name}`;
}

function digest(node: unknown): string {
  return createHash('sha256').update(canonicalJson(node)).digest('base64');
}
