import { and, asc, eq, sql } from 'drizzle-orm';
import type { RepositoryCredentials } from '../../core/repository/access.ts';
import type { Keyring } from '../../platform/encryption.ts';
import type { Database } from '../client.ts';
import { repositories } from '../schema/repository.ts';

export type RepositoryRow = typeof repositories.$inferSelect;

export function listRepositories(db: Database): Promise<RepositoryRow[]> {
  return db.select().from(repositories).orderBy(asc(repositories.project), asc(repositories.url));
}

export async function findRepository(
  db: Database,
  url: string,
  project = '',
): Promise<RepositoryRow | undefined> {
  const [row] = await db
    .select()
    .from(repositories)
    .where(and(eq(repositories.url, url), eq(repositories.project, project)));
  return row;
}

/** Makes a repository known because an application names it; one that is known already stays as it is. */
export async function ensureRepository(
  db: Database,
  repository: Pick<RepositoryRow, 'url' | 'type'>,
): Promise<void> {
  await db.insert(repositories).values(repository).onConflictDoNothing();
}

/** Adds a repository or replaces its type, name and credentials; the next revision check is due at once. */
export async function saveRepository(
  db: Database,
  keyring: Keyring,
  repository: Pick<RepositoryRow, 'url' | 'type' | 'name' | 'project'> & {
    readonly credentials?: RepositoryCredentials;
  },
): Promise<RepositoryRow> {
  const { credentials, ...columns } = repository;
  const sealed =
    credentials === undefined
      ? null
      : keyring.seal('credentials', Buffer.from(JSON.stringify(credentials), 'utf8'));
  const values = { ...columns, credentials: sealed };
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

/** The credentials of a repository row in the clear, undefined when it is read anonymously. */
export function openRepositoryCredentials(
  keyring: Keyring,
  row: Pick<RepositoryRow, 'credentials'>,
): RepositoryCredentials | undefined {
  if (row.credentials === null) return undefined;
  return JSON.parse(keyring.open('credentials', row.credentials).toString('utf8'));
}

/** Forgets a repository; answers whether it was known. */
export async function deleteRepository(db: Database, url: string, project = ''): Promise<boolean> {
  const removed = await db
    .delete(repositories)
    .where(and(eq(repositories.url, url), eq(repositories.project, project)))
    .returning({ id: repositories.id });
  return removed.length > 0;
}
