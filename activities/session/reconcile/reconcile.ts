import { isPaused } from '../../../core/application/automation/automation.ts';
import { observe } from '../../../core/application/observe.ts';
import { type AutoSync, decideFor } from './auto-sync.ts';
import type { ComparisonSteps } from './steps.ts';
import { isSyncing, type Subject } from './subject.ts';
import type { TakenPicture } from './take.ts';

/** What follows from a comparison for the next one. */
export type NextComparison = {
  /** Whether some object could not be compared, so that the next comparison may find more. */
  readonly isPartial?: boolean;
  /** When to compare again at the latest, if there is such a time. */
  readonly againAt?: Date;
  /** Whether an operation of the application is live. */
  readonly isSyncing: boolean;
};

/**
 * Compares one application with the live cache, stores status and tree where they changed, and starts an automated
 * sync where the application asks for one. `caughtUp` says that the cache was waited for already.
 */
export async function reconcile(
  deps: ComparisonSteps,
  applicationId: string,
  caughtUp = false,
): Promise<NextComparison> {
  const subject = await deps.readSubject(applicationId);
  if (subject === undefined) return { isSyncing: false };
  if (isPaused(subject.application)) return { isSyncing: isSyncing(subject) };
  const picture = await deps.takePicture(subject);
  if (picture === undefined) return { isSyncing: isSyncing(subject) };
  const observed = observe(picture);
  if (observed.syncStatus === 'OutOfSync' && !caughtUp && (await deps.catchUp(subject))) {
    return reconcile(deps, applicationId, true);
  }
  const automation = await deps.withinWindows(
    subject,
    decideFor(subject, picture, observed, deps.selfHealDelay()),
  );
  await deps.save(subject, picture, observed, automation);
  await deps.follow(subject, picture, observed, automation);
  return nextComparison(subject, picture, automation);
}

function nextComparison(subject: Subject, { objects }: TakenPicture, { decision }: AutoSync): NextComparison {
  return {
    isSyncing: isSyncing(subject) || decision?.action === 'sync',
    isPartial: objects.some(({ failure }) => failure !== undefined),
    ...(decision?.action === 'wait' ? { againAt: new Date(decision.untilUnix * 1000) } : {}),
  };
}
