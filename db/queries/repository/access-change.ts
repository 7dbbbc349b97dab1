import { eq, inArray, isNotNull, sql } from 'drizzle-orm';
import { sourcesOf } from '../../../core/application/source/source.ts';
import { demandedKeys } from '../../../core/project/roles/signature-keys.ts';
import type { Database } from '../../client.ts';
import { applicationStatus, applications } from '../../schema/application.ts';
import { projects } from '../../schema/project.ts';
import { repositories } from '../../schema/repository.ts';
import { isStatusOf } from '../application/destination.ts';
import { requestRefreshes } from '../application/refresh-request.ts';

/**
 * Follows a change of how repositories are reached: those concerned are due at once, and applications that had an
 * error are rendered again. Answers with these applications. Call it in the transaction of the change.
 */
export async function followAccessChange(
  db: Database,
  concerns: (url: string) => boolean,
): Promise<readonly string[]> {
  const known = await db.select({ id: repositories.id, url: repositories.url }).from(repositories);
  const due = known.filter(({ url }) => concerns(url)).map(({ id }) => id);
  if (due.length > 0) {
    await db
      .update(repositories)
      .set({ nextDueAt: sql`now()`, failures: 0 })
      .where(inArray(repositories.id, due));
  }
  return renderFailedAgain(db, concerns);
}

/** Asks for a render of every application whose project demands signatures; answers with them. */
export async function renderSignedAgain(db: Database): Promise<readonly string[]> {
  const found = await db
    .select({ id: applications.id, project: projects.spec })
    .from(applications)
    .innerJoin(projects, eq(projects.name, sql`${applications.spec} ->> 'project'`));
  const raised = found.filter(({ project }) => demandedKeys(project) !== undefined).map(({ id }) => id);
  await requestRefreshes(db, raised);
  return raised;
}

/** Asks for another render of the applications that had an error and use a repository concerned; answers with them. */
async function renderFailedAgain(
  db: Database,
  concerns: (url: string) => boolean,
): Promise<readonly string[]> {
  const failed = await db
    .select({ id: applications.id, spec: applications.spec })
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .where(isNotNull(applicationStatus.renderError));
  const raised = failed
    .filter(({ spec }) => sourcesOf(spec).some(({ repoURL }) => concerns(repoURL)))
    .map(({ id }) => id);
  await requestRefreshes(db, raised);
  return raised;
}
