import { and, asc, eq, inArray, lte, or, type SQL, sql } from 'drizzle-orm';
import { formatJson } from '../../../core/object/json/json.ts';
import type { Database } from '../../client.ts';
import { applicationStatus, applications, nextResourceVersion } from '../../schema/application.ts';
import { renders } from '../../schema/manifest.ts';
import { projects } from '../../schema/project.ts';
import { repositories } from '../../schema/repository.ts';
import { changeRows } from '../../statement.ts';
import { isStatusOf } from '../application/destination.ts';
import type { RepositoryRow } from './repository.ts';

/**
 * Takes repositories whose revision check is due, longest overdue first, so that no other run checks them for
 * `leaseSeconds`; by then the check has said when the next one is due, or its worker is dead.
 */
export function claimDue(
  db: Database,
  claim: { readonly limit: number; readonly leaseSeconds: number },
): Promise<RepositoryRow[]> {
  const due = db
    .select({ id: repositories.id })
    .from(repositories)
    .where(lte(repositories.nextDueAt, sql`now()`))
    .orderBy(asc(repositories.nextDueAt))
    .limit(claim.limit)
    .for('update', { skipLocked: true });
  return claimWhere(db, inArray(repositories.id, due), claim.leaseSeconds);
}

/** Takes one repository, due or not. */
export function claimRepository(db: Database, id: string, leaseSeconds: number): Promise<RepositoryRow[]> {
  return claimWhere(db, and(eq(repositories.type, 'git'), eq(repositories.id, id)), leaseSeconds);
}

function claimWhere(
  db: Database,
  condition: SQL | undefined,
  leaseSeconds: number,
): Promise<RepositoryRow[]> {
  return db
    .update(repositories)
    .set({ nextDueAt: sql`now() + make_interval(secs => ${leaseSeconds})` })
    .where(condition)
    .returning();
}

/** Makes the Git repositories at these addresses due; answers with their ids and the addresses that are known. */
export async function makeDue(
  db: Database,
  urls: readonly string[],
): Promise<{ readonly id: string; readonly url: string }[]> {
  if (urls.length === 0) return [];
  return await db
    .update(repositories)
    .set({ nextDueAt: sql`now()` })
    .where(and(eq(repositories.type, 'git'), inArray(repositories.url, [...urls])))
    .returning({ id: repositories.id, url: repositories.url });
}

export type RefsCheck =
  | { readonly refs: Record<string, string>; readonly afterSeconds: number }
  | { readonly error: string; readonly failures: number; readonly afterSeconds: number };

/**
 * Records the outcome of a revision check, for every row of the same repository, and when the next one is due. What a
 * push has made due since the check took it stays due: the listing may be older than the push.
 */
export async function recordRefs(db: Database, ids: readonly string[], check: RefsCheck): Promise<void> {
  const nextDueAt = sql`case when ${repositories.nextDueAt} <= now() then ${repositories.nextDueAt}
    else now() + make_interval(secs => ${check.afterSeconds}) end`;
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
    .where(inArray(repositories.id, [...ids]));
}

/** An application with what it has rendered, as far as it matters to whether another commit changes it. */
export type Follower = Awaited<ReturnType<typeof followersOf>>[number];

/** Applications that may read a repository: those whose spec has one of these URLs. */
export function followersOf(db: Database, urls: readonly string[]) {
  const mentions = urls.map(
    (url) => sql`${applications.spec} -> 'source' ->> 'repoURL' = ${url}
      or ${applications.spec} -> 'sources' @> ${formatJson([{ repoURL: url }])}::jsonb`,
  );
  return db
    .select({
      id: applications.id,
      spec: applications.spec,
      annotations: applications.annotations,
      desiredRenderId: applicationStatus.desiredRenderId,
      desiredRevision: applicationStatus.desiredRevision,
      /** Whether the render is of the spec as it is, and no error came after it. */
      isCurrent: sql<boolean>`${applicationStatus.desiredGeneration} = ${applications.generation}
        and ${applicationStatus.renderError} is null`,
      inputs: renders.inputs,
      hasExpired: sql<boolean>`coalesce(${renders.expiresAt} <= now(), false)`,
      /** The spec of its project, which may demand signatures. */
      project: projects.spec,
    })
    .from(applications)
    .innerJoin(applicationStatus, isStatusOf)
    .leftJoin(renders, eq(renders.id, applicationStatus.desiredRenderId))
    .leftJoin(projects, eq(projects.name, sql`${applications.spec} ->> 'project'`))
    .where(or(...mentions));
}

/** That an application has at another revision what it has rendered. */
export type Move = { readonly follower: Follower; readonly revision: string };

/**
 * Writes the new revisions of applications that render to the same there, and tells those who watch them; all in one
 * statement, for a commit may concern thousands. Sessions aren't woken: there is nothing to compare.
 */
export async function moveRevisions(db: Database, moves: readonly Move[]): Promise<void> {
  if (moves.length === 0) return;
  // One parameter: a statement with four for each of a thousand takes longer to write than to carry out.
  const rows = moves.map(({ follower: { id, desiredRenderId, desiredRevision }, revision }) => ({
    id,
    render: desiredRenderId,
    was: desiredRevision,
    becomes: revision,
  }));
  await changeRows(db, {
    parts: {
      moves: sql`select * from jsonb_to_recordset(${formatJson(rows)}::jsonb)
        as row (id uuid, render uuid, was text, becomes text)`,
      moved: sql`
        update ${applicationStatus} set desired_revision = moves.becomes, resource_version = ${nextResourceVersion}
        from moves
        where ${applicationStatus.applicationId} = moves.id and ${applicationStatus.desiredRenderId} = moves.render
          and ${applicationStatus.desiredRevision} = moves.was
        returning ${applicationStatus.applicationId} as application_id, null::uuid as cluster_id`,
    },
    when: 'moved',
    announces: { type: 'MODIFIED', topic: 'application', each: 'moved' },
  });
}
