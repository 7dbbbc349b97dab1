import type { RepositoryAccess } from '../../core/repository/access.ts';
import { hostOf, readAddress } from '../../core/repository/address.ts';
import { formatKnownHosts } from '../../core/repository/known-hosts.ts';
import { completedBy, hasIdentity, templateFor } from '../../core/repository/template.ts';
import type { Keyring } from '../../platform/encryption.ts';
import type { Database } from '../client.ts';
import { findBundle, listKnownHosts } from './certificate.ts';
import { findHelmRepositoryNamed, findRepositoryFor, openRepositoryCredentials } from './repository.ts';
import { listTemplates, openTemplate } from './repository-template.ts';

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
  const row = await findRepositoryFor(db, url, project);
  const credentials = row === undefined ? undefined : openRepositoryCredentials(keyring, row);
  return completeAccess(db, keyring, { url, type: row?.type ?? 'git', credentials: credentials ?? {} });
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
  record: Pick<RepositoryAccess, 'url' | 'type' | 'credentials'>,
): Promise<RepositoryAccess> {
  const isSsh = readAddress(record.url)?.scheme === 'ssh';
  const host = hostOf(record.url);
  const [template, hosts, caBundle] = await Promise.all([
    hasIdentity(record.credentials)
      ? undefined
      : listTemplates(db).then((rows) => templateFor(rows, record.url)),
    isSsh ? listKnownHosts(db) : [],
    isSsh || host === '' ? undefined : findBundle(db, host),
  ]);
  return {
    ...record,
    credentials:
      template === undefined
        ? record.credentials
        : completedBy(record.credentials, openTemplate(keyring, template).credentials),
    knownHosts: formatKnownHosts(hosts),
    ...(caBundle === undefined ? {} : { caBundle }),
  };
}
