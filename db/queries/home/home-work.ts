import { sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { applications } from '../../schema/application.ts';
import { homeSessions } from '../../schema/home.ts';
import { homeDeletions } from '../../schema/home-deletion.ts';

/** Conditions after which something follows by itself. */
const passing = ['DeletionHeld', 'Detached', 'HomeClusterUnavailable'];

/**
 * Whether anything of the home cluster is under way for whoever holds its session: deletions, held ones among them,
 * applications whose objects can't be found or read, or a kind that can't be read.
 */
export async function isAnythingOpen(db: Database): Promise<boolean> {
  const { rows } = await db.execute<{ open: boolean }>(sql`select
    exists (select from ${homeDeletions} where ${homeDeletions.state} in ('closed', 'recreating')
      or (${homeDeletions.state} in ('pending', 'going', 'held') and ${homeDeletions.deletedAt} is not null))
    or exists (select from ${applications} where ${applications.homeConditions} <> '[]'::jsonb
      and exists (select from jsonb_array_elements(${applications.homeConditions}) as condition
        where condition ->> 'type' = any(${sql.param(passing)}::text[])))
    or exists (select from ${homeSessions}, jsonb_each(${homeSessions.kinds}) as kind where kind.value ? 'unavailable')
    as open`);
  return rows[0]?.open === true;
}
