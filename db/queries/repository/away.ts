import { inArray, sql } from 'drizzle-orm';
import type { Database } from '../../client.ts';
import { applicationStatus, applications } from '../../schema/application.ts';
import { changeRows } from '../../statement.ts';
import { clusterOfApplication, isStatusOf } from '../application/destination.ts';
import { storedAccess } from './stored-access.ts';

/** Failed checks in a row from which on a repository counts as away: one alone may be a hiccup. */
export const failuresUntilUnreachable = 2;

/** Why a repository of these addresses, as a project reads them, is away; undefined when none of them is. */
export async function whyUnreachable(
  db: Database,
  urls: readonly string[],
  project: string,
): Promise<string | undefined> {
  const stored = await Promise.all(
    [...new Set(urls)].sort().map(async (url) => ({ url, ...(await storedAccess(db, url)) })),
  );
  for (const { url, repositories } of stored) {
    const rows = repositories.filter((row) => row.url === url && [project, ''].includes(row.project));
    if (rows.length === 0 || rows.some(({ failures }) => failures < failuresUntilUnreachable)) continue;
    return rows.map(({ connectionMessage }) => connectionMessage).sort()[0];
  }
  return undefined;
}

/**
 * Writes on applications why nobody knows what they should be, and wakes the sessions to say so; all in one statement,
 * for thousands may follow one host. An error that is there already stays.
 */
export async function notifyFollowers(
  db: Database,
  applicationIds: readonly string[],
  error: string,
): Promise<void> {
  if (applicationIds.length === 0) return;
  await changeRows(db, {
    parts: {
      failed: sql`
        update ${applicationStatus} set render_error = ${error} from ${applications}
        where ${isStatusOf} and ${inArray(applications.id, [...applicationIds])}
          and ${applicationStatus.renderError} is null
        returning ${applications.id} as application_id, ${clusterOfApplication} as cluster_id`,
    },
    when: 'failed',
    announces: { type: 'MODIFIED', topic: 'desired', each: 'failed' },
  });
}
