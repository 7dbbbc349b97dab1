import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { KeelsonError } from '../../../core/errors.ts';
import type { Keyring } from '../../../platform/encryption.ts';
import { associatedDataOf } from '../../associated-data.ts';
import type { Database } from '../../client.ts';
import { uploads } from '../../schema/repository.ts';

/** Keeps an uploaded archive until it was rendered; answers with its id. */
export async function storeUpload(db: Database, keyring: Keyring, archive: Buffer): Promise<string> {
  const id = randomUUID();
  await db
    .insert(uploads)
    .values({ id, content: keyring.seal('manifest', associatedDataOf.uploads({ id }), archive) });
  return id;
}

/** An uploaded archive in the clear. */
export async function openUpload(db: Database, keyring: Keyring, id: string): Promise<Buffer> {
  const [row] = await db.select().from(uploads).where(eq(uploads.id, id));
  if (row === undefined) throw new KeelsonError('not-found', 'upload is gone; send the files again');
  return keyring.open('manifest', associatedDataOf.uploads(row), row.content);
}

export async function deleteUpload(db: Database, id: string): Promise<void> {
  await db.delete(uploads).where(eq(uploads.id, id));
}
