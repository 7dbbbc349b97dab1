import { and, asc, eq, lte, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { applications } from '../schema/application.ts';
import { repositories } from '../schema/repository.ts';
import type { RepositoryRow } from './repository.ts';

/** Git repositories whose revision check is due, longest overdue first. */
export function dueRepositories(db: Database, limit: number): Promise<RepositoryRow[]> {
  return db
    .select()
    .from(repositories)
    .where(and(eq(repositories.type, 'git'), lte(repositories.nextDueAt, sql`now()`)))
    .orderBy(asc(repositories.nextDueAt))
    .limit(limit);
}

export type RefsCheck =
  | { readonly refs: Record<string, string>; readonly afterSeconds: number }
  | { readonly error: string; readonly failures: number; readonly afterSeconds: number };

/** Records the outcome of a revision check and when the next one is due. */
export async function recordRefs(db: Database, id: string, check: RefsCheck): Promise<void> {
  const nextDueAt = sql`now() + make_interval(secs => ${check.afterSeconds})`;
  const connectionAt = sql`now()`;
  await db
    .update(repositories)
    .set(
      'refs' in check
        ? {
            refs: check.refs,
            failures: 0,
            connectionStatus: 'Successful',
            connectionMessage: '',
            connectionAt,
            nextDueAt,
          }
        : {
            failures: check.failures,
            connectionStatus: 'Failed',
            connectionMessage: check.error,
            connectionAt,
            nextDueAt,
          },
    )
    .where(eq(repositories.id, id));
}

/** Applications that may read a repository: those whose spec mentions its URL. */
export function applicationsOfRepository(db: Database, url: string) {
  return db
    .select({
      id: applications.id,
      spec: applications.spec,
      desiredRevision: applications.desiredRevision,
    })
    .from(applications)
    .where(sql`${applications.spec} -> 'source' ->> 'repoURL' = ${url}
      or ${applications.spec} -> 'sources' @> ${JSON.stringify([{ repoURL: url }])}::jsonb`);
}
