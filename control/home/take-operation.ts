import { ApplicationOperation } from '../../core/application/spec/sync-policy.ts';
import { KeelsonError } from '../../core/errors.ts';
import { isNewRequest, requestedSync } from '../../core/home/operation/requested-sync.ts';
import { canonicalJson } from '../../core/object/json/canonical.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { compareVersions } from '../../core/object/resource-version.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { homeOperationsOf, recordHomeOperation } from '../../db/queries/home/home-operation.ts';
import { recordAudit } from '../../db/queries/installation/audit.ts';
import { checkSyncable, requestSync } from '../application/request-sync.ts';
import { checkRevision, syncRequestOf } from '../application/sync-request.ts';
import { type Actor, auditOf, objectOf } from '../context.ts';
import { type HomeControl, homeAuthor, type Transaction } from './context.ts';

/** Whoever may write the object may start its operations, as with the reference: the home cluster has decided that. */
const actor: Actor = { ...homeAuthor, require: () => {} };

/**
 * Takes up the operation that a client has set on an object: it starts a sync, once for each uid and version of the object,
 * or is refused, which the audit tells. Answers whether the object has one, which is to be cleared then.
 */
export async function takeOperation(
  control: HomeControl,
  transaction: Transaction,
  row: ApplicationRow,
  object: Manifest,
): Promise<boolean> {
  const { operation, metadata } = object;
  if (operation === undefined || operation === null) return false;
  const { uid = '', resourceVersion = '' } = metadata;
  const digest = control.keyring.digest(canonicalJson(operation));
  const seen = { uid, resourceVersion, digest };
  if (!isNewRequest(seen, await homeOperationsOf(control.db, uid), compareVersions)) return true;
  try {
    await start(control, row, operation, seen);
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable || error.code === 'internal') throw error;
    await transaction(async (tx) => {
      await recordHomeOperation(tx, { ...seen, operationId: null });
      const action = 'application.sync';
      const entry = auditOf(actor, { action, object: objectOf(control, row), reason: error.message });
      await recordAudit(tx, { ...entry, decision: 'denied' });
    });
    const { namespace, name } = row;
    control.log.warn({ namespace, name, message: error.message }, 'operation on the object was refused');
  }
  return true;
}

async function start(
  control: HomeControl,
  row: ApplicationRow,
  operation: unknown,
  seen: { readonly uid: string; readonly resourceVersion: string; readonly digest: string },
): Promise<void> {
  const read = ApplicationOperation.safeParse(operation);
  const asked = read.success ? requestedSync(read.data, row.spec) : 'operation can not be read';
  if (typeof asked === 'string') throw new KeelsonError('invalid-argument', asked);
  await checkSyncable(control, row);
  const request = syncRequestOf(asked.body, asked.spec);
  checkRevision(asked.spec, request);
  const within = { ...control, now: () => new Date() };
  await requestSync(within, actor, row, {
    action: 'application.sync',
    request,
    spec: asked.spec,
    details: { uid: seen.uid, resourceVersion: seen.resourceVersion },
    along: async (tx, { id }) => {
      if (await recordHomeOperation(tx, { ...seen, operationId: id })) return;
      throw new KeelsonError('conflict', 'operation on the object was taken up meanwhile', {
        retryable: true,
      });
    },
  });
}
