import { and, asc, desc, eq, inArray, or, sql } from 'drizzle-orm';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import type { RepositoryCredentials } from '../../../core/repository/access.ts';
import { repositoryKey } from '../../../core/repository/address.ts';
import type { RepositoryRecord } from '../../../core/repository/record.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import { associatedDataOf } from '../../associated-data.ts';
import type { Database } from '../../client.ts';
import { repositories } from '../../schema/repository.ts';

export type RepositoryRow = typeof repositories.$inferSelect;

/** What a connection test came to. */
export type ConnectionState = {
  readonly status: 'Unknown' | 'Successful' | 'Failed';
  readonly message: string;
};

/**
 * Repositories that somebody registered, and those that applications name and that are registered in no other way of
 * writing them.
 */
export async function listRepositories(db: Database): Promise<RepositoryRow[]> {
  const rows = await db.select().from(repositories).orderBy(asc(repositories.project), asc(repositories.url));
  const registered = new Set(rows.filter((row) => row.registered).map(keyOf));
  return rows.filter((row) => row.registered || !registered.has(keyOf(row)));
}

function keyOf(row: Pick<RepositoryRow, 'url' | 'urlKey'>): string {
  return row.urlKey === '' ? repositoryKey(row.url) : row.urlKey;
}

/** A project's repository (or one of all projects) by any way to write its address; a registered one comes first. */
export async function findRepository(
  db: Database,
  url: string,
  project = '',
): Promise<RepositoryRow | undefined> {
  const [row] = await db
    .select()
    .from(repositories)
    .where(and(isAt(url), eq(repositories.project, project)))
    .orderBy(desc(repositories.registered), desc(eq(repositories.url, url)), asc(repositories.url))
    .limit(1);
  return row;
}

/** A Helm repository by its name, as a project's applications see it; the project's own counts first. */
export async function findHelmRepositoryNamed(
  db: Database,
  name: string,
  project: string,
): Promise<RepositoryRow | undefined> {
  const isHelm = and(
    eq(repositories.name, name),
    eq(repositories.type, 'helm'),
    eq(repositories.registered, true),
  );
  const [row] = await db
    .select()
    .from(repositories)
    .where(and(isHelm, inArray(repositories.project, [project, ''])))
    .orderBy(desc(eq(repositories.project, project)), asc(repositories.url))
    .limit(1);
  return row;
}

function isAt(url: string) {
  return or(eq(repositories.urlKey, repositoryKey(url)), eq(repositories.url, url));
}

/** Makes a repository known because an application names it; one that is known already stays as it is. */
export async function ensureRepository(
  db: Database,
  repository: Pick<RepositoryRow, 'url' | 'type'>,
): Promise<void> {
  await db
    .insert(repositories)
    .values({ ...repository, urlKey: repositoryKey(repository.url) })
    .onConflictDoNothing();
}

/**
 * Adds a repository, or replaces the type, name and credentials of the one that is there, with the outcome of a
 * connection test if there was one. The next revision check is due at once.
 */
export async function saveRepository(
  db: Database,
  keyring: Keyring,
  repository: Omit<RepositoryRecord, 'credentials'> & {
    readonly credentials?: RepositoryCredentials;
    readonly connection?: ConnectionState | undefined;
  },
): Promise<RepositoryRow> {
  const { credentials, connection, ...columns } = repository;
  const values = {
    ...columns,
    urlKey: repositoryKey(columns.url),
    registered: true,
    credentials: sealCredentials(keyring, associatedDataOf.repositories(columns), credentials),
    ...(connection === undefined
      ? {}
      : {
          connectionStatus: connection.status,
          connectionMessage: connection.message,
          connectionAt: sql`now()`,
        }),
  };
  const [row] = await db
    .insert(repositories)
    .values(values)
    .onConflictDoUpdate({
      target: [repositories.url, repositories.project],
      set: { ...values, failures: 0, nextDueAt: sql`now()` },
    })
    .returning();
  return row as RepositoryRow;
}

/** Credentials as a row holds them; null when there are none. */
export function sealCredentials(
  keyring: Keyring,
  place: string,
  credentials: RepositoryCredentials | undefined,
): Buffer | null {
  if (credentials === undefined || Object.keys(credentials).length === 0) return null;
  return keyring.seal('credentials', place, Buffer.from(formatJson(credentials), 'utf8'));
}

/** The credentials of a row in the clear, undefined when the repository is read anonymously. */
export function openRepositoryCredentials(
  keyring: Keyring,
  row: Pick<RepositoryRow, 'url' | 'project' | 'credentials'>,
): RepositoryCredentials | undefined {
  return openCredentials(keyring, associatedDataOf.repositories(row), row.credentials);
}

/** Credentials as `sealCredentials` sealed them for a place. */
export function openCredentials(
  keyring: Keyring,
  place: string,
  sealed: Buffer | null,
): RepositoryCredentials | undefined {
  if (sealed === null) return undefined;
  return parseJson(keyring.open('credentials', place, sealed).toString('utf8')) as RepositoryCredentials;
}

/** Records the outcome of a connection test that somebody asked for. */
export async function recordConnection(db: Database, id: string, connection: ConnectionState): Promise<void> {
  await db
    .update(repositories)
    .set({
      connectionStatus: connection.status,
      connectionMessage: connection.message,
      connectionAt: sql`now()`,
    })
    .where(eq(repositories.id, id));
}

/**
 * Forgets a registered repository with its credentials; answers whether it was registered. While an application names
 * it, its address stays known, so that its revisions are followed on.
 */
export async function deleteRepository(db: Database, url: string, project = ''): Promise<boolean> {
  const found = await findRepository(db, url, project);
  if (found?.registered !== true) return false;
  const named = sql`exists (select 1 from applications a where a.spec -> 'source' ->> 'repoURL' = ${found.url}
    or a.spec -> 'sources' @> ${formatJson([{ repoURL: found.url }])}::jsonb)`;
  const kept = await db
    .update(repositories)
    .set({
      registered: false,
      credentials: null,
      name: '',
      connectionStatus: 'Unknown',
      connectionMessage: '',
      failures: 0,
      nextDueAt: sql`now()`,
    })
    .where(and(eq(repositories.id, found.id), eq(repositories.project, ''), named))
    .returning({ id: repositories.id });
  if (kept.length === 0) await db.delete(repositories).where(eq(repositories.id, found.id));
  return true;
}
