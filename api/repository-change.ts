import { KeelsonError } from '../core/errors.ts';
import { sameJson } from '../core/object/canonical.ts';
import { repositoryKey } from '../core/repository/address.ts';
import type { RepositoryRecord } from '../core/repository/record.ts';
import { recordAudit } from '../db/queries/audit.ts';
import {
  type ConnectionState,
  findRepository,
  openRepositoryCredentials,
  type RepositoryRow,
  saveRepository,
} from '../db/queries/repository.ts';
import { completeAccess } from '../db/queries/repository-access.ts';
import { changeAccess } from './access-change.ts';
import { requirePermission, subjectOf } from './auth/enforce.ts';
import type { ApiContext } from './context.ts';

/** How long somebody waits for a connection test. */
const testSeconds = 30;

/** The name of a repository in permissions. */
export function repositoryPermission(url: string, project: string): string {
  return project === '' ? url : `${project}/${url}`;
}

/** Tries whether a repository can be read, stored or not, with what templates and certificates add. */
export async function testConnection(
  c: ApiContext,
  record: Pick<RepositoryRecord, 'url' | 'type' | 'credentials'>,
): Promise<ConnectionState> {
  const { db, keyring, engine } = c.var.deps;
  const { url, type, credentials } = record;
  const access = await completeAccess(db, keyring, { url, type, credentials });
  const { failure } = await engine.inspect<'validate'>({ kind: 'validate', access }, testSeconds);
  return failure === undefined
    ? { status: 'Successful', message: '' }
    : { status: 'Failed', message: failure.message };
}

/** Throws what a connection test says against a repository. */
export async function requireConnection(
  c: ApiContext,
  record: Pick<RepositoryRecord, 'url' | 'type' | 'credentials'>,
): Promise<ConnectionState> {
  const connection = await testConnection(c, record);
  if (connection.status === 'Successful') return connection;
  throw new KeelsonError('precondition-failed', connection.message);
}

/** How a repository is saved. */
export type SaveChoice = {
  /** Whether one that is registered and differs is changed. */
  readonly upsert: boolean;
  /** Whether a repository that can't be read is refused; else it is saved and checked by a worker. */
  readonly test: boolean;
};

/** Registers a repository after a connection test. The same one again changes nothing. */
export async function registerRepository(
  c: ApiContext,
  record: RepositoryRecord,
  choice: SaveChoice,
): Promise<RepositoryRow> {
  const { db, keyring } = c.var.deps;
  const { url, project } = record;
  const object = repositoryPermission(url, project);
  requirePermission(c, 'repositories', 'create', object);
  const before = await findRepository(db, url, project);
  if (before?.registered && isSame(c, before, record)) return before;
  refuseOther(c, before, choice, object);
  const connection = choice.test ? await requireConnection(c, record) : undefined;
  const key = repositoryKey(url);
  return changeAccess(
    c,
    (other) => repositoryKey(other) === key,
    async (tx) => {
      // Another request may have registered it while the connection was tested.
      const existing = await findRepository(tx, url, project);
      refuseOther(c, existing, choice, object);
      // One repository keeps one way of writing it.
      const written = existing?.registered ? existing.url : url;
      const saved = await saveRepository(tx, keyring, { ...record, url: written, connection });
      await recordAudit(tx, {
        actor: subjectOf(c).username,
        action: existing?.registered ? 'repository.update' : 'repository.create',
        object,
      });
      return saved;
    },
  );
}

/** One that is only known because an application names it may be registered at any time. */
function refuseOther(
  c: ApiContext,
  existing: RepositoryRow | undefined,
  { upsert }: SaveChoice,
  object: string,
): void {
  if (existing?.registered !== true) return;
  if (!upsert) {
    throw new KeelsonError(
      'invalid-argument',
      'existing repository spec is different; use upsert flag to force update',
    );
  }
  requirePermission(c, 'repositories', 'update', object);
}

function isSame(c: ApiContext, row: RepositoryRow, record: RepositoryRecord): boolean {
  const { type, name, project } = row;
  const credentials = openRepositoryCredentials(c.var.deps.keyring, row) ?? {};
  return sameJson({ type, name, project, credentials }, { ...record, url: undefined });
}
