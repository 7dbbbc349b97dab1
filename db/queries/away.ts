import { and, inArray, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { applications } from '../schema/application.ts';
import { repositories } from '../schema/repository.ts';
import { announcedParts } from './change.ts';

/** Failed checks in a row from which on a repository counts as away: one alone may be a hiccup. */
export const awayFailures = 2;

/** Why a repository of these addresses, as a project reads them, is away; undefined when none of them is. */
export async function whyAway(
  db: Database,
  urls: readonly string[],
  project: string,
): Promise<string | undefined> {
  if (urls.length === 0) return undefined;
  const [row] = await db
    .select({ message: sql<string>`min(${repositories.connectionMessage})` })
    .from(repositories)
    .where(and(inArray(repositories.url, [...urls]), inArray(repositories.project, [project, ''])))
    .groupBy(repositories.url)
    .having(sql`min(${repositories.failures}) >= ${awayFailures}`)
    .orderBy(repositories.url)
    .limit(1);
  return row?.message;
}

/**
 * Writes on applications why nobody knows what they should be, and wakes the sessions to say so; all in one statement,
 * for thousands may follow one host. An error that is there already stays.
 */
export async function tellFollowers(
  db: Database,
  applicationIds: readonly string[],
  error: string,
): Promise<void> {
  if (applicationIds.length === 0) return;
  await db.execute(sql`with failed as (
      update ${applications} set render_error = ${error}
      where ${inArray(applications.id, [...applicationIds])} and ${applications.renderError} is null
      returning ${applications.id} as id, ${applications.clusterId} as cluster_id),
    ${announcedParts(sql`select 'MODIFIED', 'desired', id, cluster_id, null::jsonb from failed`)}
    select count(*) from told`);
}
