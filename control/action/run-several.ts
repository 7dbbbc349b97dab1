import { randomUUID } from 'node:crypto';
import { type ActionWrite, createWrite, type FrozenWrite, stamped } from '../../core/action/write.ts';
import { KeelsonError } from '../../core/errors.ts';
import { storeManifests } from '../../db/queries/application/manifest.ts';
import { insertAction } from '../../db/queries/installation/action.ts';
import { type Author, auditOf, objectOf } from '../context.ts';
import type { ActionControl } from './action-control.ts';
import type { ActionTarget } from './action-target.ts';
import { sendWrite } from './action-writes.ts';

/** A request waits for so long; what was ordered is carried out nevertheless. */
const answerSeconds = 60;

/**
 * Carries out an action of several writes as an operation: what is written is fixed, checked by the API server and stored
 * before the first write, so that the death of any process leaves none of it undone or done twice.
 */
export async function runSeveral(
  control: ActionControl,
  author: Author,
  target: ActionTarget,
  { action, writes: decided }: { readonly action: string; readonly writes: readonly ActionWrite[] },
): Promise<void> {
  const { db, keyring, engine } = control;
  const stamp = randomUUID();
  const writes = decided.map((write, position) => stamped(named(write), stamp, position));
  for (const write of writes) await sendWrite(target.cluster, write, { dryRun: true });
  const digests = await storeManifests(
    db,
    keyring,
    writes.map(({ body }) => body),
  );
  const frozen = writes.map(
    ({ body: _, ...write }, at): FrozenWrite => ({ ...write, digest: digests[at] ?? '' }),
  );
  const { address, actor, object } = auditOf(author, {
    action,
    object: objectOf(control, target.application),
  });
  const record = {
    action,
    applicationId: target.application.id,
    clusterId: target.clusterId,
    writes: frozen,
  };
  const id = await insertAction(db, { address, actor, object }, record);
  const outcome = await engine.runAction(id, answerSeconds);
  if (outcome === undefined) {
    throw new KeelsonError(
      'timeout',
      `its ${writes.length} changes have not all been made within ${answerSeconds} s, and go on to be made`,
    );
  }
  const { done, failure } = outcome;
  if (failure === undefined) return;
  const { code, message, retryable } = failure;
  if (done === 0) throw new KeelsonError(code, message, { transience: retryable ? 'conflict' : undefined });
  throw new KeelsonError('internal', `${done} of ${writes.length} changes were made, then: ${message}`);
}

const suffixLetters = 5;
/** What is left of a name of 63 letters, as Kubernetes reckons. */
const longestBase = 63 - suffixLetters;

/** A creation under a name of its own where it has only the beginning of one: a repeat has to meet the same object. */
function named(write: ActionWrite): ActionWrite {
  const { name, generateName, ...metadata } = write.body.metadata;
  if (write.operation === 'patch' || name || !generateName) return write;
  const suffix = randomUUID().replaceAll('-', '').slice(0, suffixLetters);
  const own = `${generateName.slice(0, longestBase)}${suffix}`;
  return createWrite({ ...write.body, metadata: { ...metadata, name: own } });
}
