import { sendHint } from '../../control/hint.ts';
import { closeDetached, noteAbsence } from '../../control/home/absence.ts';
import { judgeHomeDeletions } from '../../control/home/judge-deletions.ts';
import { closableOf, unavailableWords } from '../../core/home/absence/absence.ts';
import { forgetDeletions, mirroredCounts } from '../../db/queries/home/home-deletion.ts';
import { forgetHomeOperations } from '../../db/queries/home/home-operation.ts';
import { readHomeSession } from '../../db/queries/home/home-session.ts';
import { isAnythingOpen } from '../../db/queries/home/home-work.ts';
import {
  applicationsUnder,
  liveSyncsUnder,
  type MirroredApplication,
  mirroredApplications,
} from '../../db/queries/home/object-deletion.ts';
import { requestTermination } from '../../db/queries/operation/operation.ts';
import { type Repeated, repeat } from '../operation/repeat.ts';
import { checkMissing } from './absence/check-missing.ts';
import { releaseDeletions } from './deletion/release.ts';
import type { HomeMirror, MirroredKind } from './home-mirror.ts';
import type { UpkeepLimits } from './limits.ts';

const roundMilliseconds = 500;
/** Where nothing is under way, whoever sees an object go or a kind become unreadable wakes it earlier. */
const idleMilliseconds = 5000;
/** After it was woken it is at work for so long, as what it was woken for may show a moment later. */
const awakeMilliseconds = 10_000;
/** Every so many rounds what lasts is looked at. */
const thoroughEvery = 6;
/** A watch that is opened anew can't read for a moment. */
const unreadableMilliseconds = 3000;
const rememberedSeconds = 24 * 60 * 60;

/**
 * Does what follows from rows and time, for as long as the session of the home cluster lasts: the guard's decisions, the
 * finalizers of what has gone, and what the absence of objects leads to. Each round finds what a crash has left. While
 * nothing is under way a round is one statement, every five seconds.
 */
export function startUpkeep(mirror: HomeMirror, limits: UpkeepLimits): Repeated {
  const { control, transaction } = mirror;
  let awakeUntil = performance.now() + awakeMilliseconds;
  const work = async (round: number): Promise<'idle' | undefined> => {
    const isBusy = performance.now() < awakeUntil || (await isAnythingOpen(control.db));
    const pace = isBusy ? undefined : 'idle';
    if (!isBusy && round % thoroughEvery !== 0) return pace;
    await judgeHomeDeletions(control, transaction, limits);
    await releaseDeletions(mirror);
    await stopHalted(mirror);
    if (round % thoroughEvery !== 0) return pace;
    await checkAbsence(mirror, limits);
    await forgetDeletions(control.db, rememberedSeconds);
    await forgetHomeOperations(control.db, rememberedSeconds);
    return pace;
  };
  const pace = { milliseconds: roundMilliseconds, idleMilliseconds, log: control.log };
  const repeated = repeat({ name: 'upkeep of the home cluster', ...pace }, work);
  return {
    ...repeated,
    wake() {
      awakeUntil = performance.now() + awakeMilliseconds;
      repeated.wake();
    },
  };
}

/** Applications that wake the upkeep once it is taken in that one is being deleted, has gone, or wasn't listed. */
export function waking(kind: MirroredKind, upkeep: Pick<Repeated, 'wake'>): MirroredKind {
  if (kind.name !== 'applications') return kind;
  return {
    ...kind,
    async take(object, as) {
      const taken = await kind.take(object, as);
      if (object.metadata.deletionTimestamp !== undefined) upkeep.wake();
      return taken;
    },
    async gone(key, last) {
      await kind.gone(key, last);
      upkeep.wake();
    },
    async listed(keys, resource) {
      await kind.listed(keys, resource);
      upkeep.wake();
    },
  };
}

/** Ends syncs that began before it was known that nothing is to be written for their applications. */
async function stopHalted({ control, transaction }: HomeMirror): Promise<void> {
  for (const { id, kind, applicationId } of await liveSyncsUnder(control.db, ['Detached', 'DeletionHeld'])) {
    await transaction((tx) => requestTermination(tx, applicationId));
    sendHint(control, control.engine.nudgeOperation({ id, kind, applicationId }));
  }
}

/** Says of applications whether what holds can be read, and whether their objects are there. */
export async function checkAbsence(mirror: HomeMirror, limits: UpkeepLimits): Promise<void> {
  const { control, transaction } = mirror;
  const { db } = control;
  const unavailable = (await readHomeSession(db))?.kinds['applications']?.unavailable;
  if (unavailable !== undefined) {
    const { since, reason } = unavailable;
    if (Date.now() - Date.parse(since) < unreadableMilliseconds) return;
    const message = unavailableWords(reason);
    for (const application of (await mirroredApplications(db)).filter(isPresent)) {
      await noteAbsence(control, transaction, application, { state: 'HomeClusterUnavailable', message });
    }
    return;
  }
  await checkMissing(mirror, await applicationsUnder(db, 'HomeClusterUnavailable'));
  await closeMissing(mirror, limits);
}

function isPresent({ homeConditions }: MirroredApplication): boolean {
  return !homeConditions.some(({ type }) => type === 'HomeClusterUnavailable' || type === 'Detached');
}

/** Closes the rows of objects that have been missing for long, are few, and are missing still. */
async function closeMissing(mirror: HomeMirror, { detachedMilliseconds }: UpkeepLimits): Promise<void> {
  const { control, transaction } = mirror;
  const { db } = control;
  const closable = async (): Promise<MirroredApplication[]> => {
    const detached = await applicationsUnder(db, 'Detached');
    if (detached.length === 0) return [];
    const missing = detached.map(({ id, namespace, homeConditions }) => {
      const since = homeConditions.find(({ type }) => type === 'Detached')?.lastTransitionTime ?? '';
      return { id, namespace, since: Date.parse(since) };
    });
    const ids = new Set(closableOf(missing, await mirroredCounts(db), detachedMilliseconds, Date.now()));
    return detached.filter(({ id }) => ids.has(id));
  };
  const due = await closable();
  if (due.length === 0) return;
  await checkMissing(mirror, due);
  const still = new Set((await closable()).map(({ id }) => id));
  for (const application of due.filter(({ id }) => still.has(id))) {
    await closeDetached(control, transaction, application);
  }
}
