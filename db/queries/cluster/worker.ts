import { lt, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { workers } from '../../schema/operation.ts';
import { before } from '../../times.ts';

/** A worker that was silent for this long has gone; its row goes as well. */
const forgottenAfterSeconds = 3600;

/** Records that a worker lives. */
export async function markWorkerSeen(db: Database, instance: string): Promise<void> {
  const seenAt = sql`now()`;
  await db
    .insert(workers)
    .values({ instance, seenAt })
    .onConflictDoUpdate({ target: workers.instance, set: { seenAt } });
}

/** Forgets workers that have not been heard of for long. */
export async function forgetWorkers(db: Database): Promise<void> {
  await db.delete(workers).where(lt(workers.seenAt, before(forgottenAfterSeconds)));
}

/** Seconds since any worker was last heard of; undefined when none ever was. */
export async function secondsSinceWorker(db: Database): Promise<number | undefined> {
  const [row] = await db
    .select({ seconds: sql<string | null>`extract(epoch from now() - max(${workers.seenAt}))` })
    .from(workers);
  return row?.seconds == null ? undefined : Number(row.seconds);
}
