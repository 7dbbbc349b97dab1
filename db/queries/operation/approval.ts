import { eq, sql } from 'drizzle-orm';
import { deletionApprovedAnnotation } from '../../../core/object/annotations.ts';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { recordModified } from '../application/change.ts';

/**
 * Approves the deletions that an application waits with, by the clock that also dates operations: an approval by a
 * clock that is behind would not count. Answers whether the application was there.
 */
export async function approveDeletions(db: Database, { id }: { readonly id: string }): Promise<boolean> {
  const now = sql`to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
  const [row] = await db
    .update(applications)
    .set({
      annotations: sql`${applications.annotations} || jsonb_build_object(${deletionApprovedAnnotation}::text, ${now})`,
    })
    .where(eq(applications.id, id))
    .returning({ id: applications.id });
  if (row === undefined) return false;
  await recordModified(db, id);
  return true;
}
