import { lt, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { renderFailures } from '../../schema/manifest.ts';

/** From so many failures of the same render on, it is left alone. */
const mostFailures = 3;
/** How long, from the first of them. */
const pauseMinutes = 60;

const pauseBegan = sql`now() - make_interval(mins => ${pauseMinutes})`;

/** Whether a failed render is not tried at the moment. */
export const isPaused = sql`(${renderFailures.failures} >= ${mostFailures} and ${renderFailures.firstFailedAt} > ${pauseBegan})`;

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
