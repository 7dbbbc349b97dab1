import { eq, sql } from 'drizzle-orm';
import { deletionApprovedAnnotation } from '../../../core/object/annotations.ts';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { recordModified } from '../application/change.ts';

/** Now, by the clock of the database, as an approval says it. */
const nowText = sql<string>`to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** The time at which an approval is given that is written elsewhere than to the row. */
export async function approvalTime(db: Database): Promise<string> {
  const { rows } = await db.execute<{ at: string }>(sql`select ${nowText} as at`);
  return rows[0]?.at ?? '';
}

/**
 * Approves the deletions that an application waits with, by the clock that also dates operations: an approval by a
 * clock that is behind would not count. Answers whether the application was there.
 */
export async function approveDeletions(db: Database, { id }: { readonly id: string }): Promise<boolean> {
  const [row] = await db
    .update(applications)
    .set({
      annotations: sql`${applications.annotations} || jsonb_build_object(${deletionApprovedAnnotation}::text, ${nowText})`,
    })
    .where(eq(applications.id, id))
    .returning({ id: applications.id });
  if (row === undefined) return false;
  await recordModified(db, id);
  return true;
}
