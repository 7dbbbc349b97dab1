import { eq, inArray, sql } from 'drizzle-orm';
import type { Keyring } from '../../../platform/encryption.ts';
import { associatedDataOf } from '../../associated-data.ts';
import type { Database } from '../../client.ts';
import { settings } from '../../schema/record.ts';

/** One setting in the clear, undefined when it was never set. */
export async function readSetting(db: Database, keyring: Keyring, key: string): Promise<string | undefined> {
  const [row] = await db.select().from(settings).where(eq(settings.key, key));
  return row === undefined ? undefined : openSetting(keyring, row);
}

/** Several settings in the clear as they were at one moment; those that were never set are absent. */
export async function readSettingsNamed(
  db: Database,
  keyring: Keyring,
  keys: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const rows = await db
    .select()
    .from(settings)
    .where(inArray(settings.key, [...keys]));
  return Object.fromEntries(rows.map((row) => [row.key, openSetting(keyring, row)]));
}

/** Sets a setting, replacing what was there. */
export async function writeSetting(
  db: Database,
  keyring: Keyring,
  key: string,
  value: string,
): Promise<void> {
  const sealed = sealSetting(keyring, key, value);
  await db
    .insert(settings)
    .values({ key, sealed })
    .onConflictDoUpdate({ target: settings.key, set: { sealed, updatedAt: sql`now()` } });
}

/** Sets a setting unless it is set already; answers whether this call set it, so that one of many callers wins. */
export async function createSetting(
  db: Database,
  keyring: Keyring,
  key: string,
  value: string,
): Promise<boolean> {
  const sealed = sealSetting(keyring, key, value);
  const created = await db
    .insert(settings)
    .values({ key, sealed })
    .onConflictDoNothing()
    .returning({ key: settings.key });
  return created.length > 0;
}

function sealSetting(keyring: Keyring, key: string, value: string): Buffer {
  return keyring.seal('setting', associatedDataOf.settings({ key }), Buffer.from(value, 'utf8'));
}

function openSetting(keyring: Keyring, row: typeof settings.$inferSelect): string {
  return keyring.open('setting', associatedDataOf.settings(row), row.sealed).toString('utf8');
}
