import { accessTo, type RepositoryAccess } from '../../core/repository/access.ts';
import type { Keyring } from '../../platform/encryption.ts';
import type { Database } from '../client.ts';
import { findRepository, openRepositoryCredentials } from './repository.ts';

/** How a project's applications read a repository: the project's own record counts before one of all projects. */
export async function repositoryAccess(
  db: Database,
  keyring: Keyring,
  url: string,
  project: string,
): Promise<RepositoryAccess> {
  const row = (await findRepository(db, url, project)) ?? (await findRepository(db, url));
  const credentials = row === undefined ? undefined : openRepositoryCredentials(keyring, row);
  return { ...accessTo(url, credentials), type: row?.type ?? 'git' };
}
