import { KeelsonError } from '../../core/errors.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import { coveredBy, repositoryKey } from '../../core/repository/address.ts';
import type { TemplateRecord } from '../../core/repository/record.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import {
  deleteTemplate,
  findTemplate,
  openTemplate,
  saveTemplate,
  type TemplateRow,
} from '../../db/queries/repository/repository-template.ts';
import { type Actor, auditOf, type Control } from '../context.ts';
import { refuseOwned } from '../settings/refuse-owned.ts';
import { removeSourceSecrets, writeTemplateSecret } from '../settings/write/write-sources.ts';
import { requireAddress } from './address-right.ts';
import { changeAccess } from './change-access.ts';

/** Saves a credential template; the same one again changes nothing. */
export async function registerTemplate(
  control: Control,
  actor: Actor,
  template: TemplateRecord,
  { upsert, replace = false }: { readonly upsert: boolean; readonly replace?: boolean },
): Promise<TemplateRow> {
  const { db, keyring } = control;
  const { url } = template;
  const before = await findTemplate(db, url);
  const place = { url, project: '' };
  requireAddress(actor, replace && before !== undefined ? 'update' : 'create', place, before);
  if (coveredBy(url, url) === undefined) {
    throw new KeelsonError(
      'invalid-argument',
      `credential template ${url} is no address; write one with a host, such as https://host/team`,
    );
  }
  if (before !== undefined) {
    const { url: _, ...known } = openTemplate(keyring, before);
    if (sameJson(known, { ...template, url: undefined })) return before;
    if (!upsert) {
      throw new KeelsonError(
        'invalid-argument',
        'existing repository credentials spec is different; use upsert flag to force update',
      );
    }
    requireAddress(actor, 'update', place, before);
  }
  if (control.homeSettings !== undefined) {
    const writer = { home: control.homeSettings, db, author: actor };
    const written = { ...template, url: before?.url ?? url };
    await writeTemplateSecret(writer, written, before === undefined ? 'create' : 'update');
    return requireTemplate(db, url);
  }
  await refuseOwned(db, 'template', (row) => row.address === repositoryKey(url));
  return changeAccess(control, covers(url), async (tx) => {
    const saved = await saveTemplate(tx, keyring, { ...template, url: before?.url ?? url });
    await recordAudit(
      tx,
      auditOf(actor, {
        action: before === undefined ? 'template.create' : 'template.update',
        object: url,
      }),
    );
    return saved;
  });
}

/** Forgets a credential template. */
export async function forgetTemplate(control: Control, actor: Actor, url: string): Promise<void> {
  const { db, homeSettings } = control;
  const before = await findTemplate(db, url);
  requireAddress(actor, 'delete', { url, project: '' }, before);
  if (homeSettings !== undefined) {
    const place = { url: before?.url ?? url, project: '' };
    if (await removeSourceSecrets({ home: homeSettings, db, author: actor }, 'template', place)) return;
  } else await refuseOwned(control.db, 'template', (row) => row.address === repositoryKey(url));
  await changeAccess(control, covers(url), async (tx) => {
    if (!(await deleteTemplate(tx, url))) throw unknownTemplate(url);
    await recordAudit(tx, auditOf(actor, { action: 'template.delete', object: url }));
  });
}

async function requireTemplate(db: Control['db'], url: string): Promise<TemplateRow> {
  const saved = await findTemplate(db, url);
  if (saved !== undefined) return saved;
  // Somebody has taken the Secret away meanwhile.
  throw unknownTemplate(url);
}

function unknownTemplate(url: string): KeelsonError {
  return new KeelsonError(
    'not-found',
    `credential template ${url} was not found; list the templates to see their URLs`,
  );
}

function covers(prefix: string): (url: string) => boolean {
  return (url) => coveredBy(prefix, url) !== undefined;
}
