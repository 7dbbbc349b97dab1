import { KeelsonError } from '../../core/errors.ts';
import { hostOf, readAddress } from '../../core/repository/address.ts';
import type { Database } from '../../db/client.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import {
  type CertificateRow,
  deleteCertificates,
  findCertificate,
  type NewCertificate,
  saveCertificate,
} from '../../db/queries/repository/certificate.ts';
import { type Actor, type Author, auditOf, type Control } from '../context.ts';
import { refuseOwned } from '../settings/refuse-owned.ts';
import { writeCertificates } from '../settings/write/write-trust.ts';
import { changeAccess } from './change-access.ts';

/** Registers host keys and bundles; answers with those that are new or changed. */
export async function registerCertificates(
  control: Control,
  actor: Actor,
  rows: readonly NewCertificate[],
  { upsert }: { readonly upsert: boolean },
): Promise<NewCertificate[]> {
  actor.require({ resource: 'certificates', action: 'create', object: '' });
  const changed: NewCertificate[] = [];
  for (const row of rows) {
    const known = await findCertificate(control.db, row);
    if (known?.content === row.content) continue;
    if (known !== undefined && !upsert) {
      throw new KeelsonError(
        'invalid-argument',
        `${row.serverName} has another ${row.type === 'ssh' ? `${row.keyType} key` : 'certificate'} already; use upsert to replace it`,
      );
    }
    changed.push(row);
  }
  if (changed.length === 0) return changed;
  if (control.homeSettings !== undefined) {
    const audit = auditEntry('certificate.save', changed);
    const writer = { home: control.homeSettings, db: control.db, author: actor, audit };
    await writeCertificates(writer, { saved: changed, forgotten: [] });
    return changed;
  }
  await refuseMapped(control, changed);
  await changeAccess(control, concerned(changed), async (tx) => {
    for (const row of changed) await saveCertificate(tx, row);
    await audit(tx, actor, 'certificate.save', changed);
  });
  return changed;
}

/** Forgets host keys and certificates. */
export async function forgetCertificates(
  control: Control,
  actor: Actor,
  rows: readonly CertificateRow[],
): Promise<void> {
  actor.require({ resource: 'certificates', action: 'delete', object: '' });
  if (control.homeSettings !== undefined) {
    const audit = auditEntry('certificate.delete', rows);
    const writer = { home: control.homeSettings, db: control.db, author: actor, audit };
    return writeCertificates(writer, { saved: [], forgotten: rows });
  }
  await refuseMapped(control, rows);
  await changeAccess(control, concerned(rows), async (tx) => {
    await deleteCertificates(tx, rows);
    await audit(tx, actor, 'certificate.delete', rows);
  });
}

/** Host keys are those of one map of the home cluster, where it is there, and bundles those of another. */
async function refuseMapped(
  { db }: Pick<Control, 'db'>,
  rows: readonly Pick<NewCertificate, 'type'>[],
): Promise<void> {
  if (rows.some(({ type }) => type === 'ssh')) await refuseOwned(db, 'known-hosts');
  if (rows.some(({ type }) => type === 'https')) await refuseOwned(db, 'certificates');
}

/** Any line of known hosts may be a pattern or a hash, so it may concern every SSH host. */
function concerned(rows: readonly Pick<NewCertificate, 'type' | 'serverName'>[]): (url: string) => boolean {
  const hosts = new Set(rows.filter((row) => row.type === 'https').map((row) => row.serverName));
  const hasSsh = rows.some((row) => row.type === 'ssh');
  return (url) => hosts.has(hostOf(url)) || (hasSsh && readAddress(url)?.scheme === 'ssh');
}

async function audit(
  tx: Database,
  author: Author,
  action: string,
  rows: readonly NewCertificate[],
): Promise<void> {
  await recordAudit(tx, auditOf(author, auditEntry(action, rows)));
}

function auditEntry(action: string, rows: readonly NewCertificate[]) {
  const details = { certificates: rows.map((row) => `${row.type} ${row.serverName} ${row.keyType}`.trim()) };
  return { action, object: 'certificates', details };
}
