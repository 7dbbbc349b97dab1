import { and, asc, eq, inArray } from 'drizzle-orm';
import type { KnownHost } from '../../../core/repository/known-hosts.ts';
import type { TlsCertificate } from '../../../core/repository/record.ts';
import type { Database } from '../../client.ts';
import { certificates } from '../../schema/repository.ts';

export type CertificateRow = typeof certificates.$inferSelect;

/** All host keys and bundles, those for SSH last. */
export function listCertificates(db: Database): Promise<CertificateRow[]> {
  return db
    .select()
    .from(certificates)
    .orderBy(asc(certificates.type), asc(certificates.serverName), asc(certificates.keyType));
}

/** A host key or bundle as it is saved. */
export type NewCertificate = Pick<CertificateRow, 'type' | 'serverName' | 'keyType' | 'content'>;

/** A host's key as a row. */
export function sshRow({ serverName, keyType, key }: KnownHost): NewCertificate {
  return { type: 'ssh', serverName, keyType, content: key };
}

/** A host's bundle as a row. */
export function tlsRow({ serverName, pem }: TlsCertificate): NewCertificate {
  return { type: 'https', serverName: serverName.toLowerCase(), keyType: '', content: pem };
}

/** The row that stands where a new one wants to, undefined when none does. */
export async function findCertificate(
  db: Database,
  { type, serverName, keyType }: Omit<NewCertificate, 'content'>,
): Promise<CertificateRow | undefined> {
  const [row] = await db
    .select()
    .from(certificates)
    .where(
      and(
        eq(certificates.type, type),
        eq(certificates.serverName, serverName),
        eq(certificates.keyType, keyType),
      ),
    );
  return row;
}

/** Adds a host key or bundle or replaces the one in its place. */
export async function saveCertificate(db: Database, row: NewCertificate): Promise<void> {
  await db
    .insert(certificates)
    .values(row)
    .onConflictDoUpdate({
      target: [certificates.type, certificates.serverName, certificates.keyType],
      set: { content: row.content },
    });
}

/** Adds host keys unless they are there. */
export async function ensureKnownHosts(db: Database, hosts: readonly KnownHost[]): Promise<void> {
  await db.insert(certificates).values(hosts.map(sshRow)).onConflictDoNothing();
}

/** Forgets certificates. */
export async function deleteCertificates(db: Database, rows: readonly CertificateRow[]): Promise<void> {
  for (const { type, serverName, keyType } of rows) {
    await db
      .delete(certificates)
      .where(
        and(
          eq(certificates.type, type),
          inArray(certificates.serverName, [serverName]),
          eq(certificates.keyType, keyType),
        ),
      );
  }
}
