import { homeHold, withHomeCondition } from '../../core/home/conditions.ts';
import { bygoneOf } from '../../core/home/deletion/bygone.ts';
import { isOwnFinalizer } from '../../core/home/deletion/finalizers.ts';
import { type Meaning, meaningOf, type Origin } from '../../core/home/incarnation.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { Database } from '../../db/client.ts';
import {
  type ApplicationRow,
  type ApplicationWrite,
  getApplication,
  type HomeColumns,
  lockApplicationNamed,
  removeApplication,
  updateApplication,
  updateHome,
} from '../../db/queries/application/application.ts';
import { createApplication } from '../../db/queries/application/application-create.ts';
import { requestRefreshOf } from '../../db/queries/application/refresh-request.ts';
import { findHomeDeletion } from '../../db/queries/home/home-deletion.ts';
import { type AuditEntry, recordAudit } from '../../db/queries/installation/audit.ts';
import {
  liveOperation,
  type OperationRow,
  requestTermination,
} from '../../db/queries/operation/operation.ts';
import { ensureRepository } from '../../db/queries/repository/repository.ts';
import { timeOf } from '../../db/times.ts';
import { announceApproval, approvesDeletions } from '../application/approve-deletions.ts';
import { isSameWrite, repositoriesOf } from '../application/check-application.ts';
import { namespaceFault } from '../application/home.ts';
import { digestOf, wakeEngine } from '../application/write-application.ts';
import { auditOf, nameOf, objectOf } from '../context.ts';
import { sendHint } from '../hint.ts';
import { type HomeControl, homeAuthor, type Transaction } from './context.ts';
import { readObject } from './read-object.ts';

/** How an object is taken in. */
export type Intake = {
  readonly origin: Origin;
  readonly transaction: Transaction;
  /** What the audit says of a change; that the home cluster made it, unless somebody came by the API. */
  readonly audit?: (before: ApplicationRow | undefined) => AuditEntry;
};

/** What became of an object that was taken in. */
export type TakenApplication =
  /** The row says what the object says, and did so before or does by now. */
  | { readonly outcome: 'taken' | 'known'; readonly row: ApplicationRow }
  /** The object can't be read; the row, if there is one, says what it said before. */
  | { readonly outcome: 'unreadable'; readonly row: ApplicationRow | undefined; readonly message: string }
  /** The row was there first and says something else; nothing is synced until somebody has decided. */
  | { readonly outcome: 'conflict'; readonly row: ApplicationRow }
  /** Only a read of the object tells: take that one in. */
  | { readonly outcome: 'doubtful' }
  /** An operation of the application that has to give way is told to end: take the object in again then. */
  | { readonly outcome: 'busy' }
  /** Nothing of ours: no applications live in its namespace, or it is on its way out and was never known. */
  | { readonly outcome: 'none' };

/**
 * Takes an Application object of the home cluster into its row. May be called any number of times, in any order and by
 * several at once: only what is newer than what is known changes anything.
 */
export async function takeApplication(
  control: HomeControl,
  object: Manifest,
  intake: Intake,
): Promise<TakenApplication> {
  const step = await takeIn(control, object, intake);
  await follow(control, step);
  return step.taken;
}

/** The same without a word to the engine, for who has one for it by themselves. */
export function takeIn(control: HomeControl, object: Manifest, intake: Intake): Promise<Step> {
  const { namespace = '', name = '' } = object.metadata;
  const { write, fault } = readObject(object, intake.origin);
  return intake.transaction(async (tx): Promise<Step> => {
    const row = await lockApplicationNamed(tx, { namespace, name });
    if (row === undefined && namespaceFault(control, control.config.controlPlaneNamespace, namespace))
      return { taken: { outcome: 'none' } };
    const taking = { tx, control, object, intake, row };
    return write === undefined ? refuse(taking, fault) : take({ ...taking, write });
  });
}

/** An object on its way into a row. */
type Taking = {
  readonly tx: Database;
  readonly control: HomeControl;
  readonly object: Manifest;
  readonly intake: Intake;
  readonly row: ApplicationRow | undefined;
};

type ReadTaking = Taking & { readonly write: ApplicationWrite };

/** What was done within the transaction, and whom it concerns after it. */
export type Step = {
  readonly taken: TakenApplication;
  readonly before?: ApplicationRow;
  readonly stopping?: OperationRow | undefined;
};

function foundIn({ object }: Taking, project: string) {
  const { uid = '', resourceVersion = '' } = object.metadata;
  return { uid, version: resourceVersion, project };
}

/** Says of the application that its object can't be read; it goes on as it was. */
async function refuse(taking: Taking, message: string): Promise<Step> {
  const { tx, row } = taking;
  if (row === undefined) return { taken: { outcome: 'unreadable', row, message } };
  const { uid, version } = foundIn(taking, row.project);
  const meaning = meaningOf(row, { uid, version, project: row.project }, taking.intake.origin);
  if (meaning === 'doubtful') return { taken: { outcome: 'doubtful' } };
  if (meaning === 'known') return { taken: { outcome: 'known', row } };
  const words = `${message}; what it said before is in force`;
  const homeConditions = withHomeCondition(row.homeConditions, 'InvalidSpecError', words, new Date());
  const shown = !sameJson(homeConditions, row.homeConditions);
  if (shown) await updateHome(tx, row, { homeConditions }, { shown });
  return { taken: { outcome: 'unreadable', row, message } };
}

async function take(taking: ReadTaking): Promise<Step> {
  const { row, write, intake } = taking;
  const meaning = meaningOf(row, foundIn(taking, write.project), intake.origin);
  if (row === undefined) return create(taking);
  return acts[meaning]({ ...taking, row });
}

type Act = (taking: ReadTaking & { readonly row: ApplicationRow }) => Promise<Step>;

const acts: Readonly<Record<Meaning, Act>> = {
  new: create,
  known,
  doubtful: async () => ({ taken: { outcome: 'doubtful' } }),
  newer: (taking) => update(taking, {}),
  restored: (taking) => update(taking, {}),
  claimed: claim,
  recreated: recreate,
  replaced: replace,
};

/** Who came by the API is told of in the audit also where the watch was faster. */
async function known({ tx, row, intake }: ReadTaking & { readonly row: ApplicationRow }): Promise<Step> {
  if (intake.audit !== undefined) {
    await recordAudit(tx, intake.audit(row));
    await requestRefreshOf(tx, row.id);
  }
  return { taken: { outcome: 'known', row } };
}

async function create(taking: ReadTaking): Promise<Step> {
  const { tx, object, write, intake } = taking;
  const { namespace = '', name = '', creationTimestamp, deletionTimestamp } = object.metadata;
  const { uid, version } = foundIn(taking, write.project);
  const isDeleted = deletionTimestamp !== undefined;
  // Its application has gone before it: nothing makes that anew.
  const bygone = bygoneOf((await findHomeDeletion(tx, uid))?.state, isDeleted, intake.origin);
  if (bygone !== 'alive') return { taken: { outcome: bygone === 'gone' ? 'none' : bygone } };
  // One that was never known is deleted as its finalizers say; without any of ours it has no use for us.
  if (isDeleted && !write.finalizers.some(isOwnFinalizer)) return { taken: { outcome: 'none' } };
  const row = await createApplication(tx, {
    ...write,
    namespace,
    name,
    homeUid: uid,
    homeVersion: version,
    ...(creationTimestamp === undefined ? {} : { createdAt: new Date(creationTimestamp) }),
    repositories: repositoriesOf(write),
    audit: (intake.audit ?? homeAudit(taking, 'application.create'))(undefined),
  });
  // Somebody took the name between the look and the insert, and the next try sees them.
  return { taken: row === undefined ? { outcome: 'busy' } : { outcome: 'taken', row } };
}

/** The row becomes the object's; where somebody came by the API, what they wrote decides. */
async function claim(taking: ReadTaking & { readonly row: ApplicationRow }): Promise<Step> {
  const { tx, control, row, write, intake } = taking;
  const since: Partial<HomeColumns> = { homeSince: null };
  const isSame = isSameWrite(row, write);
  if (isSame || intake.origin === 'write') {
    const homeConditions = withHomeCondition(row.homeConditions, 'HomeConflict', undefined, new Date());
    return update({ ...taking, row: { ...row, homeConditions } }, { ...since, homeConditions });
  }
  const message = `an object named ${nameOf(control, row)} is in the home cluster with another spec; make both the same, or delete the object to have it written from here`;
  const homeConditions = withHomeCondition(row.homeConditions, 'HomeConflict', message, new Date());
  if (homeHold(row) === undefined) await updateHome(tx, row, { homeConditions }, { shown: true });
  return { taken: { outcome: 'conflict', row: { ...row, homeConditions } } };
}

/** Has nothing synced of an application that no object tells of, as one can't be made of it. */
export async function holdApplication(
  control: HomeControl,
  transaction: Transaction,
  name: Pick<ApplicationRow, 'namespace' | 'name'>,
  reason: string,
): Promise<void> {
  await transaction(async (tx) => {
    const row = await lockApplicationNamed(tx, name);
    if (row === undefined || row.homeUid !== null) return;
    const message = `application "${nameOf(control, row)}" ${reason}`;
    const homeConditions = withHomeCondition(row.homeConditions, 'HomeConflict', message, new Date());
    if (!sameJson(homeConditions, row.homeConditions)) {
      await updateHome(tx, row, { homeConditions }, { shown: true });
    }
  });
}

/** The application goes on with another object: what runs for the one before ends, and both are told apart. */
async function recreate(taking: ReadTaking & { readonly row: ApplicationRow }): Promise<Step> {
  const { tx, row } = taking;
  const live = await liveOperation(tx, row.id);
  // A deletion may come to its end all the same, and the row with it: what follows is told by then.
  if (live?.kind === 'delete') return giveWay(taking);
  const stopping = live === undefined ? undefined : await requestTermination(tx, row.id);
  const now = new Date();
  const message = `the object was deleted and created again (uid ${row.homeUid ?? ''} before); the application goes on with its history`;
  const homeConditions = withHomeCondition(row.homeConditions, 'ObjectRecreated', message, now);
  // What was decided about the end of the one before is no decision about this one.
  const anew = { deletion: null, deletionRequestedAt: null, deletionFailure: null };
  const home = { homeSince: await timeOf(tx), homeConditions, ...anew };
  const step = await update({ ...taking, row: { ...row, homeConditions } }, home);
  return { ...step, stopping };
}

/** Another application has the name: the one before goes once nothing runs for it, and its operations stay. */
async function replace(taking: ReadTaking & { readonly row: ApplicationRow }): Promise<Step> {
  const { tx, row } = taking;
  if ((await liveOperation(tx, row.id)) !== undefined) return giveWay(taking);
  await recordAudit(tx, homeAudit(taking, 'application.delete')(row));
  await removeApplication(tx, row.id);
  return create(taking);
}

/** Tells what runs for the object before to end, as that of another incarnation. */
async function giveWay({ tx, row }: { readonly tx: Database; readonly row: ApplicationRow }): Promise<Step> {
  await updateHome(tx, row, { homeSince: await timeOf(tx) }, { shown: false });
  return { taken: { outcome: 'busy' }, stopping: await requestTermination(tx, row.id) };
}

async function update(
  taking: ReadTaking & { readonly row: ApplicationRow },
  more: Partial<HomeColumns>,
): Promise<Step> {
  const { tx, row, write, intake } = taking;
  const { uid, version } = foundIn(taking, write.project);
  const homeConditions = withHomeCondition(row.homeConditions, 'InvalidSpecError', undefined, new Date());
  const home = { ...more, homeUid: uid, homeVersion: version, homeConditions };
  if (isSameWrite(row, write) && intake.audit === undefined) {
    // What a session tells comes in order, so that a version of which nothing counts needs no write.
    const isInOrder = intake.origin === 'event' || intake.origin === 'list';
    const isNews =
      row.homeUid !== uid || !sameJson(row.homeConditions, homeConditions) || 'homeSince' in more;
    if (isNews || !isInOrder) await updateHome(tx, row, home, { shown: isNews });
    return { taken: { outcome: 'known', row: isNews ? ((await getApplication(tx, row.id)) ?? row) : row } };
  }
  const written = await updateApplication(tx, row, write, home);
  for (const repository of repositoriesOf(write)) await ensureRepository(tx, repository);
  const action = intake.origin === 'read' ? 'application.restore' : 'application.update';
  await recordAudit(tx, (intake.audit ?? homeAudit(taking, action))(row));
  return { taken: { outcome: 'taken', row: written ?? row }, before: row };
}

function homeAudit({ control, object, write, row: known }: ReadTaking, action: string) {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = object.metadata;
  return (before: ApplicationRow | undefined): AuditEntry =>
    auditOf(homeAuthor, {
      action,
      object: objectOf(control, { name, namespace, project: before?.project ?? write.project }),
      ...(before === undefined ? {} : { before: digestOf(control, before) }),
      after: digestOf(control, write),
      details: { uid, resourceVersion, ...(known === undefined ? {} : { known: known.homeVersion }) },
    });
}

/** Tells the engine of what is committed. */
async function follow(control: HomeControl, { taken, before, stopping }: Step): Promise<void> {
  if (stopping !== undefined) sendHint(control, control.engine.nudgeOperation(stopping));
  if (taken.outcome !== 'taken') return;
  const { row } = taken;
  wakeEngine(control, row);
  if (before === undefined) return;
  if (row.deletionRequestedAt !== null || approvesDeletions(before, row))
    await announceApproval(control, row);
}
