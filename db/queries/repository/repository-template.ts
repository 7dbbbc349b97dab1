import { asc, eq } from 'drizzle-orm';
import { repositoryKey } from '../../../core/repository/address.ts';
import type { TemplateRecord } from '../../../core/repository/record.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import { associatedDataOf } from '../../associated-data.ts';
import type { Database } from '../../client.ts';
import { repositoryTemplates } from '../../schema/repository.ts';
import { openCredentials, sealCredentials } from './repository.ts';

export type TemplateRow = typeof repositoryTemplates.$inferSelect;

export function listTemplates(db: Database): Promise<TemplateRow[]> {
  return db.select().from(repositoryTemplates).orderBy(asc(repositoryTemplates.url));
}

/** A template by its prefix, in any way to write it. */
export async function findTemplate(db: Database, url: string): Promise<TemplateRow | undefined> {
  const rows = await listTemplates(db);
  const key = repositoryKey(url);
  return rows.find((row) => row.url === url) ?? rows.find((row) => repositoryKey(row.url) === key);
}

/** Adds a template or replaces the one of the same prefix. */
export async function saveTemplate(
  db: Database,
  keyring: Keyring,
  template: TemplateRecord,
): Promise<TemplateRow> {
  const { url, type } = template;
  const place = associatedDataOf.repository_templates(template);
  const credentials =
    sealCredentials(keyring, place, template.credentials) ??
    keyring.seal('credentials', place, Buffer.from('{}'));
  const [row] = await db
    .insert(repositoryTemplates)
    .values({ url, type, credentials })
    .onConflictDoUpdate({ target: repositoryTemplates.url, set: { type, credentials } })
    .returning();
  return row as TemplateRow;
}

/** Forgets a template; answers whether it was known. */
export async function deleteTemplate(db: Database, url: string): Promise<boolean> {
  const found = await findTemplate(db, url);
  if (found === undefined) return false;
  await db.delete(repositoryTemplates).where(eq(repositoryTemplates.url, found.url));
  return true;
}

/** A template with its credentials in the clear. */
export function openTemplate(
  keyring: Keyring,
  row: Pick<TemplateRow, 'url' | 'type' | 'credentials'>,
): TemplateRecord {
  const credentials =
    openCredentials(keyring, associatedDataOf.repository_templates(row), row.credentials) ?? {};
  return { url: row.url, type: row.type, credentials };
}
