import { KeelsonError } from '../../core/errors.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import { scopedObject } from '../../core/rbac/request.ts';
import { repositoryKey } from '../../core/repository/address.ts';
import type { RepositoryRecord } from '../../core/repository/record.ts';
import type { SettingsScope } from '../../db/queries/home/settings-object.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import {
  type ConnectionState,
  deleteRepository,
  findRepository,
  openRepositoryCredentials,
  type RepositoryRow,
  recordConnection,
  saveRepository,
} from '../../db/queries/repository/repository.ts';
import { completeAccess } from '../../db/queries/repository/repository-access.ts';
import { type Actor, auditOf, type Control } from '../context.ts';
import { refuseOwned } from '../settings/refuse-owned.ts';
import {
  removeSourceSecrets,
  type SourceWriter,
  writeRepositorySecret,
} from '../settings/write/write-sources.ts';
import { requireAddress } from './address-right.ts';
import { changeAccess } from './change-access.ts';

/** How long somebody waits for a connection test. */
const testSeconds = 30;

/** Tries whether a repository can be read, stored or not, with what templates and certificates add. */
export async function testConnection(
  { db, keyring, engine }: Pick<Control, 'db' | 'keyring' | 'engine'>,
  { url, type, credentials }: Pick<RepositoryRecord, 'url' | 'type' | 'credentials'>,
): Promise<ConnectionState> {
  const access = await completeAccess(db, keyring, { url, type, credentials });
  const { failure } = await engine.inspect<'validate'>({ kind: 'validate', access }, testSeconds);
  return failure === undefined
    ? { status: 'Successful', message: '' }
    : { status: 'Failed', message: failure.message };
}

/** Throws what a connection test says against a repository. */
export async function requireConnection(
  control: Pick<Control, 'db' | 'keyring' | 'engine'>,
  record: Pick<RepositoryRecord, 'url' | 'type' | 'credentials'>,
): Promise<ConnectionState> {
  const connection = await testConnection(control, record);
  if (connection.status === 'Successful') return connection;
  throw new KeelsonError('precondition-failed', connection.message);
}

/** How a repository is saved. */
export type SaveChoice = {
  /** Whether one that is registered and differs is changed. */
  readonly upsert: boolean;
  /** Whether a repository that can't be read is refused; else it is saved and checked by a worker. */
  readonly test: boolean;
  /** Whether one that is registered is meant, so that the right to create one isn't asked for. */
  readonly replace?: boolean;
};

/** Registers a repository after a connection test. The same one again changes nothing. */
export async function registerRepository(
  control: Control,
  actor: Actor,
  record: RepositoryRecord,
  choice: SaveChoice,
): Promise<RepositoryRow> {
  const { db, keyring } = control;
  const { url, project } = record;
  const object = scopedObject(url, project);
  const before = await findRepository(db, url, project);
  const replaces = choice.replace === true && before?.registered === true;
  requireAddress(actor, replaces ? 'update' : 'create', record, before);
  if (before?.registered && isSame(control, before, record)) return before;
  if (control.homeSettings === undefined) await refuseOwned(db, 'repository', speaksOf(record));
  refuseOther(actor, before, choice, record);
  const connection = choice.test ? await requireConnection(control, record) : undefined;
  if (control.homeSettings !== undefined) {
    return registerSecret({ home: control.homeSettings, db, author: actor }, before, record, connection);
  }
  return changeAccess(control, concerned(url), async (tx) => {
    // Another request may have registered it while the connection was tested.
    const existing = await findRepository(tx, url, project);
    refuseOther(actor, existing, choice, record);
    // One repository keeps one way of writing it.
    const written = existing?.registered ? existing.url : url;
    const saved = await saveRepository(tx, keyring, { ...record, url: written, connection });
    await recordAudit(
      tx,
      auditOf(actor, {
        action: existing?.registered ? 'repository.update' : 'repository.create',
        object,
      }),
    );
    return saved;
  });
}

/** Has a Secret of the home cluster declare a repository, and answers with what follows from it. */
async function registerSecret(
  writer: SourceWriter,
  before: RepositoryRow | undefined,
  record: RepositoryRecord,
  connection: ConnectionState | undefined,
): Promise<RepositoryRow> {
  const isKnown = before?.registered === true;
  // One repository keeps one way of writing it.
  const written = { ...record, url: isKnown ? before.url : record.url };
  await writeRepositorySecret(writer, written, isKnown ? 'update' : 'create');
  const saved = await findRepository(writer.db, record.url, record.project);
  // Somebody has taken the Secret away meanwhile.
  if (saved === undefined) throw unknownRepository(record.url);
  if (connection === undefined) return saved;
  await recordConnection(writer.db, saved.id, connection);
  return (await findRepository(writer.db, record.url, record.project)) ?? saved;
}

/** Forgets a repository with its credentials. */
export async function forgetRepository(
  control: Control,
  actor: Actor,
  { url, project }: Pick<RepositoryRecord, 'url' | 'project'>,
): Promise<void> {
  const object = scopedObject(url, project);
  const place = { url, project };
  const { db, homeSettings } = control;
  requireAddress(actor, 'delete', place, await findRepository(db, url, project));
  if (homeSettings !== undefined) {
    if (await removeSourceSecrets({ home: homeSettings, db, author: actor }, 'repository', place)) return;
  } else await refuseOwned(db, 'repository', speaksOf(place));
  await changeAccess(control, concerned(url), async (tx) => {
    if (!(await deleteRepository(tx, url, project))) throw unknownRepository(url);
    await recordAudit(tx, auditOf(actor, { action: 'repository.delete', object }));
  });
}

function unknownRepository(url: string): KeelsonError {
  return new KeelsonError(
    'not-found',
    `repository ${url} was not found; list the repositories to see their URLs`,
  );
}

function speaksOf({ url, project }: Pick<RepositoryRecord, 'url' | 'project'>) {
  const address = repositoryKey(url);
  return (row: SettingsScope): boolean => row.address === address && row.project === project;
}

function concerned(url: string): (other: string) => boolean {
  const key = repositoryKey(url);
  return (other) => repositoryKey(other) === key;
}

/** One that is only known because an application names it may be registered at any time. */
function refuseOther(
  actor: Actor,
  existing: RepositoryRow | undefined,
  { upsert }: SaveChoice,
  record: RepositoryRecord,
): void {
  if (existing?.registered !== true) return;
  if (!upsert) {
    throw new KeelsonError(
      'invalid-argument',
      'existing repository spec is different; use upsert flag to force update',
    );
  }
  requireAddress(actor, 'update', record, existing);
}

function isSame({ keyring }: Control, row: RepositoryRow, record: RepositoryRecord): boolean {
  const { type, name, project } = row;
  const credentials = openRepositoryCredentials(keyring, row) ?? {};
  return sameJson({ type, name, project, credentials }, { ...record, url: undefined });
}
