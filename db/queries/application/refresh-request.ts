import { and, desc, lt, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { dirty } from '../../schema/application.ts';
import { before } from '../../times.ts';
import { loadRowsBy } from '../rows-by.ts';

export type DirtyRow = typeof dirty.$inferSelect;

/**
 * Asks for a refresh of an application; the answer is the generation to wait for. A manual one is a person's, who waits.
 * The column keeps the name `asked`: roles of the former release still write it while a new one starts.
 */
export async function requestRefreshOf(
  db: Database,
  applicationId: string,
  options: { hard?: boolean; manual?: boolean } = {},
): Promise<number> {
  const hard = options.hard === true ? 1 : 0;
  const asked = options.manual === true ? 1 : 0;
  const [row] = await db
    .insert(dirty)
    .values({ applicationId, hard, asked })
    .onConflictDoUpdate({
      target: dirty.applicationId,
      set: {
        generation: sql`${dirty.generation} + 1`,
        hard: sql`greatest(${dirty.hard}, ${hard})`,
        asked: sql`greatest(${dirty.asked}, ${asked})`,
        requestedAt: sql`now()`,
      },
    })
    .returning({ generation: dirty.generation });
  return row?.generation ?? 1;
}

/** Asks for a refresh of several applications at once, however many. */
export async function requestRefreshes(
  db: Database,
  applicationIds: readonly string[],
  options: { urgent?: boolean } = {},
): Promise<void> {
  if (applicationIds.length === 0) return;
  const urgent = options.urgent === true ? 1 : 0;
  // In one order, so that two of these never wait for each other.
  const values = [...applicationIds].sort().map((applicationId) => ({ applicationId, urgent }));
  await db
    .insert(dirty)
    .values(values)
    .onConflictDoUpdate({
      target: dirty.applicationId,
      set: {
        generation: sql`${dirty.generation} + 1`,
        urgent: sql`greatest(${dirty.urgent}, ${urgent})`,
        requestedAt: sql`now()`,
      },
    });
}

/** Asks for a refresh of every application; whoever sweeps next starts them. */
export async function requestAllRefreshes(db: Database): Promise<void> {
  await db.update(dirty).set({ generation: sql`${dirty.generation} + 1`, requestedAt: sql`now()` });
}

export const readDirty = loadRowsBy(dirty, 'applicationId');

/** Records that the desired state is current as of `generation`; it has a row if that is new. */
export function markRendered(applicationId: string, generation: number): SQL {
  const isNewest = sql`generation = ${generation}`;
  return sql`
    update ${dirty} set rendered_generation = ${generation},
      hard = case when ${isNewest} then 0 else hard end,
      asked = case when ${isNewest} then 0 else asked end,
      urgent = case when ${isNewest} then 0 else urgent end
    where application_id = ${applicationId} and rendered_generation < ${generation} returning application_id`;
}

/** The share of an application; the first digit of its id, as workflows/ids.ts has it. */
const shardOf = sql`('x' || substr(${dirty.applicationId}::text, 1, 1))::bit(4)::int`;

/** Applications whose refresh requests are open. */
export type WaitingApplications = {
  /** A person waits for them, or a push that changes few. */
  readonly urgent: readonly string[];
  readonly others: readonly string[];
};

/** Applications of one share whose refresh requests are open, oldest first. */
export async function waitingInShard(
  db: Database,
  shard: number,
  shards: number,
): Promise<WaitingApplications> {
  const urgent = sql<number>`greatest(${dirty.urgent}, ${dirty.asked})`;
  const rows = await db
    .select({ id: dirty.applicationId, urgent })
    .from(dirty)
    .where(and(lt(dirty.renderedGeneration, dirty.generation), sql`${shardOf} % ${shards} = ${shard}`))
    .orderBy(desc(urgent), dirty.requestedAt)
    .limit(1000);
  const idsOf = (some: typeof rows) => some.map(({ id }) => id);
  return {
    urgent: idsOf(rows.filter((row) => row.urgent > 0)),
    others: idsOf(rows.filter((row) => row.urgent === 0)),
  };
}

/** Refresh requests that nobody has taken up for `olderThanSeconds`. */
export function waitingRefreshes(db: Database, olderThanSeconds: number): Promise<DirtyRow[]> {
  return db
    .select()
    .from(dirty)
    .where(
      and(lt(dirty.renderedGeneration, dirty.generation), lt(dirty.requestedAt, before(olderThanSeconds))),
    )
    .limit(500);
}
