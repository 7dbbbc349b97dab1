import { isAlreadyThere } from '../../cluster/apply/client-side-apply.ts';
import type { ClusterClient } from '../../cluster/request/client.ts';
import { sendWrite } from '../../control/action/action-writes.ts';
import type { ActionOutcome, WriteResult } from '../../core/action/outcome.ts';
import { type ActionWrite, isWritten } from '../../core/action/write.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { getApplication } from '../../db/queries/application/application.ts';
import {
  actionSeconds,
  endAction,
  getAction,
  type StoredAction,
} from '../../db/queries/installation/action.ts';
import type { ActionRef, ActionWriteRef, BegunAction } from '../../workflows/messages.ts';
import { type Warrant, warrantFor } from '../apply/warrant.ts';
import type { ApplyDeps, RecordDeps } from '../deps.ts';

/** Whoever asked for an action of which nothing was written for so long doesn't expect it any more. */
const beginWithinSeconds = 300;

export function actionActivities({ db }: Pick<RecordDeps, 'db'>) {
  return {
    /** What is to be done of an action. */
    async beginAction({ actionId }: ActionRef): Promise<BegunAction> {
      const { writes, outcome } = await getAction(db, actionId);
      return { writes: writes.length, ...(outcome === undefined ? {} : { outcome }) };
    },

    /** Records what became of an action. */
    endAction: ({
      actionId,
      results,
    }: ActionRef & { readonly results: readonly WriteResult[] }): Promise<ActionOutcome> =>
      endAction(db, actionId, results),
  };
}

export function actionWriteActivities(deps: ApplyDeps) {
  return {
    /**
     * Makes one write of an action, unless it is made already. What can't pass, and what another decision may cure, is
     * an answer; what may pass by itself is thrown, and tried again.
     */
    async writeForAction({ actionId, position, written }: ActionWriteRef): Promise<WriteResult> {
      const action = await getAction(deps.db, actionId);
      const write = await thaw(deps, action, position);
      const { refusalOf, account } = await warrantOf(deps, action);
      const refusal = refusalOf(write.key);
      if (refusal !== undefined)
        return { state: 'refused', code: 'forbidden', message: refusal, retryable: false };
      const identity = await deps.clusterFor(action.clusterId);
      const client = account === undefined ? identity : identity.as(account);
      try {
        const object = await ensureWritten(client, write, { written, late: whyLate(action, position) });
        await deps.faults.reach('action-written');
        return {
          state: 'written',
          uid: object.metadata.uid ?? '',
          version: object.metadata.resourceVersion ?? '',
        };
      } catch (error) {
        if (!(error instanceof KeelsonError) || !isFinal(error)) throw error;
        const { code, message, retryable } = error;
        return { state: 'refused', code, message, retryable };
      }
    },
  };
}

/** What the application's project permits by now: writes are fixed, but not for how long they are permitted. */
async function warrantOf(
  deps: ApplyDeps,
  { action, applicationId, clusterId }: StoredAction,
): Promise<Pick<Warrant, 'account' | 'refusalOf'>> {
  const application = await getApplication(deps.db, applicationId);
  if (application === undefined) {
    return { refusalOf: () => `the application of action ${action} is gone`, account: undefined };
  }
  return warrantFor(deps, { ...application, purpose: 'action' }, clusterId);
}

/** A write with its body. */
async function thaw({ content }: ApplyDeps, action: StoredAction, position: number): Promise<ActionWrite> {
  const frozen = action.writes[position];
  const body = frozen && (await content.manifests([frozen.digest])).get(frozen.digest);
  if (frozen === undefined || body === undefined)
    throw new KeelsonError('internal', `action ${action.action}: write ${position + 1} is not stored`);
  const { digest: _, ...write } = frozen;
  return { ...write, body };
}

/** Why a write isn't made any more, if so. */
function whyLate({ ageSeconds }: StoredAction, position: number): string | undefined {
  if (position === 0 && ageSeconds > beginWithinSeconds)
    return `nothing was changed, for no worker came within ${beginWithinSeconds} s`;
  return ageSeconds > actionSeconds ? `not written within ${actionSeconds} s` : undefined;
}

/** The object as the write leaves it: as it is already where a run before this one has made it. */
async function ensureWritten(
  client: ClusterClient,
  write: ActionWrite,
  { written, late }: { readonly written: string | undefined; readonly late: string | undefined },
): Promise<Manifest> {
  const made = await findWritten(client, write);
  if (made !== undefined) return made;
  if (late !== undefined) throw new KeelsonError('timeout', late);
  try {
    return await sendWrite(client, write, { dryRun: false, written });
  } catch (error) {
    // An earlier request whose reply was lost may have come in after the look.
    const own = isAlreadyThere(error) ? await findWritten(client, write) : undefined;
    if (own === undefined) throw error;
    return own;
  }
}

async function findWritten(client: ClusterClient, write: ActionWrite): Promise<Manifest | undefined> {
  const live = await client.get(write.apiVersion, write.key);
  return live !== undefined && isWritten(write, live) ? live : undefined;
}

/** A conflict doesn't pass for a write whose version is fixed. */
function isFinal({ transience }: KeelsonError): boolean {
  return transience === undefined || transience === 'conflict';
}
