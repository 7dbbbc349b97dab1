import { KeelsonError } from '../../../core/errors.ts';
import { inPrecedence } from '../../../core/home/settings/precedence.ts';
import {
  readSettingsObject,
  type SettingsObject,
  type SettingsRef,
  type SettingsRole,
  secretTypeLabel,
  shownRef,
} from '../../../core/home/settings/settings-object.ts';
import { sourceSecretName } from '../../../core/home/settings/written/secret-name.ts';
import { managedBy } from '../../../core/home/settings/written/secret-values.ts';
import {
  changedRepositorySecret,
  changedTemplateSecret,
  repositorySecret,
  templateSecret,
} from '../../../core/home/settings/written/source-secret.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { ownField } from '../../../core/own-field.ts';
import { scopedObject } from '../../../core/rbac/request.ts';
import { repositoryKey } from '../../../core/repository/address.ts';
import type { RepositoryRecord, TemplateRecord } from '../../../core/repository/record.ts';
import type { Database } from '../../../db/client.ts';
import {
  type HomeSettingsRow,
  rivalsAt,
  type SettingsScope,
} from '../../../db/queries/home/settings-object.ts';
import type { Author } from '../../context.ts';
import type { HomeSettings } from './settings-port.ts';

/** Secrets that speak of an address. */
type SourceRole = Extract<SettingsRole, 'repository' | 'template'>;

/** Where Secrets of sources are written, and by whom. */
export type SourceWriter = {
  readonly home: HomeSettings;
  readonly db: Database;
  readonly author: Author;
};

/** Has a Secret declare a repository: the one that counts for its address, or a new one. */
export function writeRepositorySecret(
  writer: SourceWriter,
  record: RepositoryRecord,
  action: 'create' | 'update',
): Promise<void> {
  const { url, project } = record;
  return write(writer, {
    role: 'repository',
    scope: { address: repositoryKey(url), project },
    name: sourceSecretName('repo', record),
    made: (name) => renamed(repositorySecret(writer.home.namespace, record), name),
    changed: (live) => changedRepositorySecret(live, record),
    audit: { action: `repository.${action}`, object: scopedObject(url, project) },
  });
}

/** Has a Secret declare a template. */
export function writeTemplateSecret(
  writer: SourceWriter,
  record: TemplateRecord,
  action: 'create' | 'update',
): Promise<void> {
  return write(writer, {
    role: 'template',
    scope: { address: repositoryKey(record.url), project: '' },
    name: sourceSecretName('creds', { url: record.url }),
    made: (name) => renamed(templateSecret(writer.home.namespace, record), name),
    changed: (live) => changedTemplateSecret(live, record),
    audit: { action: `template.${action}`, object: record.url },
  });
}

/**
 * Has no Secret speak of an address any more; answers whether one did. One that was made by the API is deleted, one that
 * somebody applied loses the label, as the reference does, since the rest of it is theirs.
 */
export async function removeSourceSecrets(
  { db, home, author }: SourceWriter,
  role: SourceRole,
  place: { readonly url: string; readonly project: string },
): Promise<boolean> {
  const scope = { address: repositoryKey(place.url), project: place.project };
  const rivals = await rivalsAt(db, role, scope);
  for (const { kind, name } of inOrder(rivals).reverse()) {
    await home.change({
      ref: { kind, name },
      changeOf: (live) => (live === undefined || speaksOf(live, role, scope) ? withoutType(live) : live),
      author,
      audit: { action: `${role}.delete`, object: scopedObject(place.url, place.project) },
    });
  }
  return rivals.length > 0;
}

type SourceWrite = {
  readonly role: SourceRole;
  readonly scope: SettingsScope;
  /** The name of a new one. */
  readonly name: string;
  made(name: string): Manifest;
  changed(live: Manifest): Manifest;
  readonly audit: { readonly action: string; readonly object: string };
};

async function write({ db, home, author }: SourceWriter, asked: SourceWrite): Promise<void> {
  const { role, scope, audit } = asked;
  const [first] = inOrder(await rivalsAt(db, role, scope));
  const ref = { kind: 'Secret', name: first?.usable === true ? first.name : asked.name } as const;
  const changeOf = (live: Manifest | undefined): Manifest => {
    if (live === undefined) return asked.made(ref.name);
    if (speaksOf(live, role, scope)) return asked.changed(live);
    throw new KeelsonError(
      'conflict',
      `${shownRef(ref)} of the home cluster is about something else, and would have to declare ${audit.object}`,
    );
  };
  await home.change({ ref, changeOf, author, audit });
}

function inOrder(rivals: readonly HomeSettingsRow[]): HomeSettingsRow[] {
  const order = rivals.map((row) => ({ row, ...row, createdAt: row.objectCreatedAt.toISOString() }));
  return inPrecedence(order).map(({ row }) => row);
}

/** Whether a live object is, by now too, a Secret of that kind that speaks of the address. */
function speaksOf(live: Manifest, role: SourceRole, { address, project }: SettingsScope): boolean {
  const object = readSettingsObject(live);
  if (object?.role !== role) return false;
  const textOf = (name: string) => ownText(object, name);
  return repositoryKey(textOf('url')) === address && (role === 'template' || textOf('project') === project);
}

function ownText({ values }: SettingsObject, name: string): string {
  return (ownField(values, name) ?? '').trim();
}

function withoutType(live: Manifest | undefined): Manifest | undefined {
  if (live === undefined) return undefined;
  if (ownField(live.metadata.annotations, managedBy.name) === managedBy.value) return undefined;
  const { [secretTypeLabel]: _, ...labels } = live.metadata.labels ?? {};
  return { ...live, metadata: { ...live.metadata, labels } };
}

function renamed(made: Manifest, name: SettingsRef['name']): Manifest {
  return { ...made, metadata: { ...made.metadata, name } };
}
