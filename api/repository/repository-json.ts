import { hasIdentity, templateFor } from '../../core/repository/template.ts';
import { formatTime } from '../../core/text/time.ts';
import type { Repository } from '../../core/wire/repository.ts';
import { openRepositoryCredentials, type RepositoryRow } from '../../db/queries/repository/repository.ts';
import { listTemplates, type TemplateRow } from '../../db/queries/repository/repository-template.ts';
import type { Keyring } from '../../platform/encryption.ts';
import type { ApiContext } from '../context.ts';
import { shownCredentials } from './repository-body.ts';

/** Repositories as clients see them: without secrets, with the state of their connection. */
export async function repositoriesJson(c: ApiContext, rows: readonly RepositoryRow[]): Promise<Repository[]> {
  const { db, keyring } = c.var.deps;
  const templates = await listTemplates(db);
  return rows.map((row) => shown(keyring, row, templates));
}

/** One repository as clients see it. */
export async function repositoryJson(c: ApiContext, row: RepositoryRow): Promise<Repository> {
  return shown(c.var.deps.keyring, row, await listTemplates(c.var.deps.db));
}

function shown(keyring: Keyring, row: RepositoryRow, templates: readonly TemplateRow[]): Repository {
  const credentials = openRepositoryCredentials(keyring, row);
  const inherits = !hasIdentity(credentials) && templateFor(templates, row.url) !== undefined;
  return {
    repo: row.url,
    type: row.type,
    ...(row.name === '' ? {} : { name: row.name }),
    ...(row.project === '' ? {} : { project: row.project }),
    ...shownCredentials(credentials),
    ...(hasIdentity(credentials) ? { hasCredentials: true } : {}),
    ...(inherits ? { inheritedCreds: true } : {}),
    connectionState: {
      status: row.connectionStatus,
      message: row.connectionMessage,
      ...(row.connectionAt === null ? {} : { attemptedAt: formatTime(row.connectionAt) }),
    },
  };
}
