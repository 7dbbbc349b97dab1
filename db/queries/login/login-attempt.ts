import { eq, lt, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { loginAttempts } from '../../schema/record.ts';
import { before } from '../../times.ts';

/** Tries that need no pause between them; then each waits twice as long as the one before. */
const freeTries = 5;
const longestPauseSeconds = 300;
/** Tries further apart than this don't add up. */
const memorySeconds = 3600;

const isOld = sql`${loginAttempts.at} < ${before(memorySeconds)}`;

/**
 * Counts a try; answers 0, or with the seconds to wait for, in which case it isn't counted. Of tries at once exactly as
 * many pass as one after the other would: each is counted before the next one is looked at.
 */
export async function countAttempt(db: Database, key: string): Promise<number> {
  const tries = sql`case when ${isOld} then 1 else ${loginAttempts.tries} + 1 end`;
  const pause = sql`case when ${tries} < ${freeTries} then 0
    else least(${longestPauseSeconds}, power(2, least(${tries} - ${freeTries}, 16))) end`;
  const counted = await db
    .insert(loginAttempts)
    .values({ key, tries: 1 })
    .onConflictDoUpdate({
      target: loginAttempts.key,
      set: { tries, at: sql`now()`, nextAt: sql`now() + make_interval(secs => ${pause})` },
      setWhere: sql`${loginAttempts.nextAt} <= now()`,
    })
    .returning({ key: loginAttempts.key });
  if (counted.length > 0) return 0;
  const [row] = await db
    .select({ seconds: sql<number>`ceil(extract(epoch from ${loginAttempts.nextAt} - now()))::int` })
    .from(loginAttempts)
    .where(eq(loginAttempts.key, key));
  return Math.max(1, row?.seconds ?? 1);
}

/** Forgets the tries of a key. */
export async function dropAttempts(db: Database, key: string): Promise<void> {
  await db.delete(loginAttempts).where(eq(loginAttempts.key, key));
}

/** Forgets what no longer counts. */
export async function forgetAttempts(db: Database): Promise<void> {
  await db.delete(loginAttempts).where(lt(loginAttempts.at, before(memorySeconds)));
}
