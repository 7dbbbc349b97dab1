import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Notice } from '../../../core/home/settings/notice.ts';
import type {
  SettingsObject,
  SettingsRef,
  SettingsRole,
} from '../../../core/home/settings/settings-object.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import type { SecretValues } from '../../../core/settings/reference.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import { associatedDataOf } from '../../associated-data.ts';
import type { Database } from '../../client.ts';
import { homeSettings } from '../../schema/home.ts';
import { recordChange } from '../application/change.ts';

export type HomeSettingsRow = typeof homeSettings.$inferSelect;

/** What an object says, in the clear. */
export type SettingsContent = Pick<SettingsObject, 'labels' | 'annotations' | 'values' | 'unreadable'>;

/** For whom an object speaks, and of which address. */
export type SettingsScope = { readonly address: string; readonly project: string };

function isObject({ kind, namespace, name }: SettingsRef) {
  return and(eq(homeSettings.kind, kind), eq(homeSettings.namespace, namespace), eq(homeSettings.name, name));
}

/** An object as it was last seen, which nobody else changes until the surrounding transaction ends. */
export async function lockSettingsObject(
  db: Database,
  ref: SettingsRef,
): Promise<HomeSettingsRow | undefined> {
  const [row] = await db.select().from(homeSettings).where(isObject(ref)).for('update');
  return row;
}

/** All objects that were seen and are not known to be gone, or wait to be accepted. */
export function listSettingsObjects(db: Database): Promise<HomeSettingsRow[]> {
  return db.select().from(homeSettings).orderBy(asc(homeSettings.kind), asc(homeSettings.name));
}

/** The objects that speak of one address for one project. */
export function rivalsAt(
  db: Database,
  role: SettingsRole,
  { address, project }: SettingsScope,
): Promise<HomeSettingsRow[]> {
  return db
    .select()
    .from(homeSettings)
    .where(
      and(
        eq(homeSettings.role, role),
        eq(homeSettings.address, address),
        eq(homeSettings.project, project),
        isNull(homeSettings.goneAt),
      ),
    );
}

/** Keeps an object as it was seen. */
export async function saveSettingsObject(
  db: Database,
  keyring: Keyring,
  object: SettingsObject,
  scope: SettingsScope & { readonly usable: boolean },
): Promise<void> {
  const { kind, namespace, name, uid, resourceVersion, role, labelled, createdAt } = object;
  const { labels, annotations, values, unreadable } = object;
  const content: SettingsContent = { labels, annotations, values, unreadable };
  const sealed = keyring.seal(
    'setting',
    associatedDataOf.home_settings(object),
    Buffer.from(formatJson(content), 'utf8'),
  );
  const seen = { uid, resourceVersion, role, labelled, ...scope, sealed, goneAt: null };
  const row = { ...seen, objectCreatedAt: new Date(createdAt) };
  await db
    .insert(homeSettings)
    .values({ kind, namespace, name, ...row })
    .onConflictDoUpdate({
      target: [homeSettings.kind, homeSettings.namespace, homeSettings.name],
      set: row,
    });
  // Whoever refers to its values reads them anew.
  if (kind === 'Secret') await recordChange(db, { type: 'MODIFIED', topic: 'settings' });
}

/** Keeps that a version of an object was seen whose words can't be used, beside the last ones that could. */
export async function keepEarlierContent(db: Database, object: SettingsObject): Promise<void> {
  const { uid, resourceVersion, labelled } = object;
  await db.update(homeSettings).set({ uid, resourceVersion, labelled, goneAt: null }).where(isObject(object));
}

/** Keeps what is to be known of an object; whoever shows it is told of a change. Answers with what is new. */
export async function saveNotices(
  db: Database,
  ref: SettingsRef,
  notices: readonly Notice[],
): Promise<readonly Notice[]> {
  const row = await lockSettingsObject(db, ref);
  if (row === undefined || sameJson(row.notices, notices)) return [];
  const known = new Set(row.notices.map(({ message }) => message));
  await db
    .update(homeSettings)
    .set({ notices: [...notices], noticedAt: notices.length === 0 ? null : sql`now()` })
    .where(isObject(ref));
  await recordChange(db, { type: 'MODIFIED', topic: 'settings' });
  return notices.filter(({ message }) => !known.has(message));
}

/** Keeps that an object is gone, while what it said stays in force. */
export async function markGone(db: Database, ref: SettingsRef): Promise<void> {
  await db.update(homeSettings).set({ goneAt: sql`now()` }).where(isObject(ref));
}

/** Gives up what an object said before, of which what it says now can't be used. */
export async function giveUpContent(db: Database, ref: SettingsRef): Promise<void> {
  await db.update(homeSettings).set({ usable: false, notices: [], noticedAt: null }).where(isObject(ref));
}

/** Forgets an object. */
export async function forgetSettingsObject(db: Database, ref: SettingsRef): Promise<void> {
  await db.delete(homeSettings).where(isObject(ref));
  await recordChange(db, { type: 'DELETED', topic: 'settings' });
}

/** What an object says, in the clear. */
export function openSettingsObject(keyring: Keyring, row: HomeSettingsRow): SettingsContent {
  const plain = keyring.open('setting', associatedDataOf.home_settings(row), row.sealed);
  return parseJson(plain.toString('utf8')) as SettingsContent;
}

/** Every value that words may refer to: those of `argocd-secret`, and those of labelled Secrets by their names. */
export async function readSecretValues(db: Database, keyring: Keyring): Promise<SecretValues> {
  const rows = await db
    .select()
    .from(homeSettings)
    .where(
      and(
        eq(homeSettings.kind, 'Secret'),
        sql`(${homeSettings.labelled} or ${homeSettings.role} = 'accounts')`,
      ),
    );
  const values = rows.flatMap((row) =>
    Object.entries(openSettingsObject(keyring, row).values).flatMap(([key, value]): [string, string][] => [
      ...(row.labelled ? [[`${row.name}:${key}`, value] as [string, string]] : []),
      ...(row.role === 'accounts' ? [[key, value] as [string, string]] : []),
    ]),
  );
  return Object.fromEntries(values);
}
