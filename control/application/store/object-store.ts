import { setTimeout as sleep } from 'node:timers/promises';
import { KeelsonError } from '../../../core/errors.ts';
import { applicationKey, applicationVersion } from '../../../core/home/application-object.ts';
import { apiWrite } from '../../../core/home/home-cluster.ts';
import { deletionApprovedAnnotation } from '../../../core/object/annotations.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import {
  type ApplicationRow,
  findApplication,
  getApplication,
} from '../../../db/queries/application/application.ts';
import { announceDeletion } from '../../../db/queries/home/home-deletion.ts';
import type { AuditEntry } from '../../../db/queries/installation/audit.ts';
import { approvalTime } from '../../../db/queries/operation/approval.ts';
import { changedApplicationObject, newApplicationObject } from '../../home/application-manifest.ts';
import type { HomeControl, HomeObjects, Transaction } from '../../home/context.ts';
import { isTaken, untilNotOvertaken } from '../../home/overtaken.ts';
import { readObject } from '../../home/read-object.ts';
import { type Step, takeIn } from '../../home/take-application.ts';
import { isSameWrite } from '../check-application.ts';
import type { ApplicationStore, WrittenAlong } from './application-store.ts';
import { createRowStore } from './row-store.ts';

/** A change of an application's object, and what is written and asked for along with it. */
type Change = Pick<WrittenAlong, 'audit' | 'demand'> & { readonly changeOf: (live: Manifest) => Manifest };

/**
 * Keeps applications as objects of the home cluster. What its API server answers to a write goes into the row by the
 * door that the mirroring uses, before anybody is answered; what a crash leaves between the two the watch brings.
 */
export function createObjectStore(control: HomeControl, home: () => Promise<HomeObjects>): ApplicationStore {
  const { db } = control;
  const rows = createRowStore(db);
  const transaction: Transaction = (write) => db.transaction(write);
  const takeWritten = async (object: Manifest, audit: () => AuditEntry): Promise<Step> => {
    const step = await takeIn(control, object, { origin: 'write', transaction, audit });
    // The watch made the row in the same moment: now it is there.
    const isRaced = step.taken.outcome === 'busy' && step.stopping === undefined;
    return isRaced ? takeIn(control, object, { origin: 'write', transaction, audit }) : step;
  };

  const inTurn = openTurns();
  const write = (client: HomeObjects, object: Manifest): Promise<Manifest> =>
    client.replace(object, apiWrite);

  /** One try to change an application's object; undefined where it is gone. */
  const tryChange = async (
    client: HomeObjects,
    { id }: Pick<ApplicationRow, 'id'>,
    { changeOf, audit, demand }: Change,
  ): Promise<ApplicationRow | undefined> => {
    const row = await getApplication(db, id);
    const live = row && (await client.get(applicationVersion, applicationKey(row)));
    if (row === undefined || live === undefined) return undefined;
    if (demand !== undefined) demand(await asKnown(row, live));
    const written = await write(client, changeOf(live));
    const entry = audit({ ...row, ...readObject(live).write });
    const { taken } = await takeWritten(written, () => entry);
    return 'row' in taken && taken.row?.id === id ? taken.row : getApplication(db, id);
  };

  /** Reads, changes and writes an application's object until nobody comes between. */
  const make = async (application: Pick<ApplicationRow, 'id'>, change: Change) => {
    const client = await home();
    // Only writers elsewhere can come between: those of this process take turns.
    return inTurn(application.id, () => untilNotOvertaken(() => tryChange(client, application, change)));
  };

  /** The application as its object is by now, where the row is behind. */
  const asKnown = async (row: ApplicationRow, live: Manifest): Promise<ApplicationRow> => {
    const { write: decided } = readObject(live);
    const isBehind = decided !== undefined && !isSameWrite(row, decided);
    if (row.homeUid === live.metadata.uid && !isBehind) return row;
    const { taken } = await takeIn(control, live, { origin: 'event', transaction });
    return 'row' in taken && taken.row !== undefined ? taken.row : row;
  };

  return {
    find: rows.find,
    async create(application) {
      if ((await findApplication(db, application)) !== undefined) return undefined;
      const client = await home();
      try {
        const object = newApplicationObject(application, application);
        const stored = await client.create(object, apiWrite);
        const { taken } = await takeWritten(stored, () => application.audit);
        return 'row' in taken ? taken.row : undefined;
      } catch (error) {
        if (!isTaken(error)) throw error;
        await awaitOther(control, client, application);
        return undefined;
      }
    },
    replace: (seen, wanted, { audit, demand }) =>
      make(seen, { changeOf: (live) => changedApplicationObject(live, seen, wanted), audit, demand }),
    async approveDeletions(application, audit) {
      const approved = await approvalTime(db);
      const changeOf = (live: Manifest) => annotated(live, approved);
      const written = await make(application, { changeOf, audit: () => audit });
      return written !== undefined;
    },
    async requestDeletion(application, ask, audit) {
      const row = await getApplication(db, application.id);
      const object = row?.homeUid == null ? {} : { object: { uid: row.homeUid, deletedAt: new Date() } };
      const asked = await rows.requestDeletion(application, { ...ask, ...object }, audit);
      const isRefused = asked?.state === 'ended' && asked.operation.phase === 'Failed';
      // The row says first what is to become of the application; the object follows, and goes once it lets go.
      if (row !== undefined && asked !== undefined && !isRefused) {
        const client = await home();
        if (row.homeUid !== null)
          await announceDeletion(db, { ...row, uid: row.homeUid, applicationId: row.id }, 'api');
        await untilNotOvertaken(() => deleteObject(client, row, ask.finalizers));
      }
      return asked;
    },
  };
}

/** Has what is about one application done one after the other. */
function openTurns() {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(id: string, act: () => Promise<T>): Promise<T> => {
    const before = last.get(id) ?? Promise.resolve();
    const own = before.then(act, act);
    last.set(id, own);
    try {
      return await own;
    } finally {
      if (last.get(id) === own) last.delete(id);
    }
  };
}

function annotated(live: Manifest, approved: string): Manifest {
  const annotations = { ...live.metadata.annotations, [deletionApprovedAnnotation]: approved };
  return { ...live, metadata: { ...live.metadata, annotations } };
}

/** Deletes this very object; what of ours holds it is what was asked for. */
async function deleteObject(
  client: HomeObjects,
  row: ApplicationRow,
  asked: readonly string[],
): Promise<void> {
  const key = applicationKey(row);
  const live = await client.get(applicationVersion, key);
  const { uid, finalizers = [], deletionTimestamp } = live?.metadata ?? {};
  if (live === undefined || uid !== row.homeUid) return;
  const others = finalizers.filter((one) => !row.finalizers.includes(one));
  const wanted = [...new Set([...asked, ...others])];
  // Once it is being deleted none can be added any more.
  if (deletionTimestamp === undefined && !sameJson(wanted, finalizers)) {
    const object = { ...live, metadata: { ...live.metadata, finalizers: wanted } };
    await client.replace(object, apiWrite);
  }
  await client.delete(applicationVersion, key, { uid });
}

/** How long the row of an object that has the name just now may take: whoever made the object makes it, too. */
const [knownTries, knownPause] = [20, 50];

/** Waits for the row of the object that has the name, and makes it where nobody does. */
async function awaitOther(
  control: HomeControl,
  client: HomeObjects,
  name: { readonly namespace: string; readonly name: string },
): Promise<void> {
  for (let tries = 0; tries < knownTries; tries++) {
    if ((await findApplication(control.db, name)) !== undefined) return;
    await sleep(knownPause);
  }
  const live = await client.get(applicationVersion, applicationKey(name));
  if (live === undefined) return;
  const transaction: Transaction = (write) => control.db.transaction(write);
  const { taken } = await takeIn(control, live, { origin: 'event', transaction });
  if (taken.outcome !== 'unreadable' || taken.row !== undefined) return;
  throw new KeelsonError(
    'conflict',
    `an object of this name is in the home cluster and can't be read (${taken.message}); correct it there, or delete it`,
  );
}
