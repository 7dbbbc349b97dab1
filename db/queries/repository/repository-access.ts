import type { RepositoryAccess } from '../../../core/repository/access.ts';
import { formatKnownHosts } from '../../../core/repository/known-hosts.ts';
import { completedBy, hasIdentity, templateFor } from '../../../core/repository/template.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import type { Database } from '../../client.ts';
import { findHelmRepositoryNamed, openRepositoryCredentials } from './repository.ts';
import { openTemplate } from './repository-template.ts';
import { readBy, type StoredAccess, storedAccess } from './stored-access.ts';

type Reached = Pick<RepositoryAccess, 'url' | 'type' | 'credentials'>;

/**
 * How a project's applications read a repository: the project's own record counts before one of all projects; where
 * neither says as whom, the template with the longest prefix does. Host keys and bundles are those of its host.
 */
export async function repositoryAccess(
  db: Database,
  keyring: Keyring,
  url: string,
  project: string,
): Promise<RepositoryAccess> {
  return accessBy(keyring, await storedAccess(db, url), url, project);
}

function accessBy(keyring: Keyring, stored: StoredAccess, url: string, project: string): RepositoryAccess {
  const row = readBy(stored, url, project);
  const credentials = row === undefined ? undefined : openRepositoryCredentials(keyring, row);
  return completed(keyring, { url, type: row?.type ?? 'git', credentials: credentials ?? {} }, stored);
}

/** The same for an address that a source names, which leads into no private network where nothing is registered for it. */
export async function namedBySource(
  db: Database,
  keyring: Keyring,
  url: string,
  project: string,
): Promise<RepositoryAccess> {
  const stored = await storedAccess(db, url);
  const isRegistered =
    readBy(stored, url, project)?.registered === true || templateFor(stored.templates, url) !== undefined;
  const access = accessBy(keyring, stored, url, project);
  return isRegistered ? access : { ...access, fromSource: true };
}

/** The same for a Helm repository by the name it is registered with; undefined where none has it. */
export async function namedRepositoryAccess(
  db: Database,
  keyring: Keyring,
  name: string,
  project: string,
): Promise<RepositoryAccess | undefined> {
  const row = await findHelmRepositoryNamed(db, name, project);
  if (row === undefined) return undefined;
  const credentials = openRepositoryCredentials(keyring, row) ?? {};
  return completeAccess(db, keyring, { url: row.url, type: row.type, credentials });
}

/** Access with what templates and certificates add to a record, be it stored or not. */
export async function completeAccess(
  db: Database,
  keyring: Keyring,
  record: Reached,
): Promise<RepositoryAccess> {
  return completed(keyring, record, await storedAccess(db, record.url));
}

function completed(
  keyring: Keyring,
  record: Reached,
  { templates, hosts, bundle }: StoredAccess,
): RepositoryAccess {
  const template = hasIdentity(record.credentials) ? undefined : templateFor(templates, record.url);
  return {
    ...record,
    credentials:
      template === undefined
        ? record.credentials
        : completedBy(record.credentials, openTemplate(keyring, template).credentials),
    knownHosts: formatKnownHosts(hosts),
    ...(bundle === undefined ? {} : { caBundle: bundle }),
  };
}
