import { and, eq, gt, gte, lt, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { renderFailures } from '../schema/manifest.ts';

/** From so many failures of the same render on, it is left alone. */
const mostFailures = 3;
/** How long, from the first of them. */
const pauseMinutes = 60;

const pauseBegan = sql`now() - make_interval(mins => ${pauseMinutes})`;

/** Why a render is not tried at the moment: the error of its last try; undefined when it may be. */
export async function pausedFailure(db: Database, renderKey: string): Promise<string | undefined> {
  const [row] = await db
    .select({ message: renderFailures.message })
    .from(renderFailures)
    .where(
      and(
        eq(renderFailures.renderKey, renderKey),
        gte(renderFailures.failures, mostFailures),
        gt(renderFailures.firstFailedAt, pauseBegan),
      ),
    );
  return row?.message;
}

/** Counts a failure; those before the last pause no longer count. */
export async function recordRenderFailure(db: Database, renderKey: string, message: string): Promise<void> {
  const isOld = sql`${renderFailures.firstFailedAt} <= ${pauseBegan}`;
  await db
    .insert(renderFailures)
    .values({ renderKey, message })
    .onConflictDoUpdate({
      target: renderFailures.renderKey,
      set: {
        message,
        failures: sql`case when ${isOld} then 1 else ${renderFailures.failures} + 1 end`,
        firstFailedAt: sql`case when ${isOld} then now() else ${renderFailures.firstFailedAt} end`,
      },
    });
  // Few fail at a time; whatever is older than a pause says nothing any more.
  await db.delete(renderFailures).where(lt(renderFailures.firstFailedAt, pauseBegan));
}

/** Forgets the failures of a render that went well. */
export async function forgetRenderFailure(db: Database, renderKey: string): Promise<void> {
  await db.delete(renderFailures).where(eq(renderFailures.renderKey, renderKey));
}
