import { KeelsonError } from '../../core/errors.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { renderSignedAgain } from '../../db/queries/repository/access-change.ts';
import {
  addGpgKey,
  deleteGpgKey,
  findGpgKey,
  type GpgKeyRow,
  listGpgKeys,
} from '../../db/queries/repository/gpg-key.ts';
import type { PgpKey } from '../../platform/keys/pgp-key.ts';
import { type Actor, auditOf, type Control } from '../context.ts';
import { sendHint } from '../hint.ts';
import { refuseOwned } from '../settings/refuse-owned.ts';
import type { HomeSettings } from '../settings/write/settings-port.ts';
import { writeGpgKeys } from '../settings/write/write-trust.ts';

/** Registers keys; applications that need signatures are rendered again, since one may be known now. */
export async function registerGpgKeys(
  control: Control,
  actor: Actor,
  keys: readonly PgpKey[],
): Promise<{ readonly created: Omit<GpgKeyRow, 'createdAt'>[]; readonly skipped: string[] }> {
  actor.require({ resource: 'gpgkeys', action: 'create', object: '' });
  if (control.homeSettings !== undefined) return registerInMap(control, control.homeSettings, actor, keys);
  await refuseOwned(control.db, 'gpg-keys');
  const created: Omit<GpgKeyRow, 'createdAt'>[] = [];
  const skipped: string[] = [];
  const raised = await control.db.transaction(async (tx) => {
    for (const { armored, ...facts } of keys) {
      const row = { ...facts, content: armored };
      if (await addGpgKey(tx, row)) created.push(row);
      else skipped.push(row.keyId);
    }
    if (created.length === 0) return [];
    const details = { keys: created.map(({ keyId }) => keyId) };
    await recordAudit(
      tx,
      auditOf(actor, {
        action: 'gpgkey.create',
        object: 'gpgkeys',
        details,
      }),
    );
    return renderSignedAgain(tx);
  });
  sendHint(control, control.engine.refreshApplications(raised));
  return { created, skipped };
}

/** The same where a map of the home cluster holds the keys. */
async function registerInMap(
  { db }: Control,
  home: HomeSettings,
  actor: Actor,
  keys: readonly PgpKey[],
): ReturnType<typeof registerGpgKeys> {
  const known = new Set((await listGpgKeys(db)).map(({ keyId }) => keyId));
  const saved = keys.filter(({ keyId }) => !known.has(keyId));
  if (saved.length > 0) {
    const details = { keys: saved.map(({ keyId }) => keyId) };
    const audit = { action: 'gpgkey.create', object: 'gpgkeys', details };
    await writeGpgKeys({ home, db, author: actor, audit }, { saved });
  }
  return {
    created: saved.map(({ armored, ...facts }) => ({ ...facts, content: armored })),
    skipped: keys.filter(({ keyId }) => known.has(keyId)).map(({ keyId }) => keyId),
  };
}

/** Forgets a key; what it has signed is judged anew. */
export async function forgetGpgKey(control: Control, actor: Actor, id: string): Promise<void> {
  actor.require({ resource: 'gpgkeys', action: 'delete', object: '' });
  const { db, homeSettings } = control;
  const keyId = shortKeyId(id);
  if (homeSettings !== undefined) {
    if ((await findGpgKey(db, keyId)) === undefined) throw unknownKey(id);
    const audit = { action: 'gpgkey.delete', object: keyId };
    return writeGpgKeys({ home: homeSettings, db, author: actor, audit }, { saved: [], forgotten: keyId });
  }
  await refuseOwned(db, 'gpg-keys');
  const raised = await control.db.transaction(async (tx) => {
    if (!(await deleteGpgKey(tx, keyId))) throw unknownKey(id);
    await recordAudit(tx, auditOf(actor, { action: 'gpgkey.delete', object: keyId }));
    return renderSignedAgain(tx);
  });
  sendHint(control, control.engine.refreshApplications(raised));
}

/** A key is asked for by its fingerprint or by the end of it. */
export function shortKeyId(id: string): string {
  return id.replace(/^0x/i, '').toUpperCase().slice(-16);
}

/** What is said of a key that isn't there. */
export function unknownKey(id: string): KeelsonError {
  return new KeelsonError('not-found', `GnuPG key ${id} was not found; list the keys to see their ids`);
}
