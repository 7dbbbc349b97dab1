import type { Annotated } from '../object/annotated-list.ts';
import { deletionApprovedAnnotation } from '../object/annotations.ts';
import { stepTitles } from './message.ts';
import { deleteChoice, pruneChoice, type SyncOptions } from './options.ts';
import type { PlanStep } from './plan.ts';

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[-+]\d{2}:\d{2})$/;

/**
 * Whether deletions are approved that have been waiting since `since`: an approval of an earlier operation does not
 * count. The annotation knows seconds only, so an approval within the first second counts too.
 */
export function isApproved(annotations: Readonly<Record<string, string>>, since: Date): boolean {
  const text = annotations[deletionApprovedAnnotation] ?? '';
  if (!rfc3339.test(text)) return false;
  return Date.parse(text) >= Math.floor(since.getTime() / 1000) * 1000;
}

/** What an operation says while its group waits for an approval, in the reference's words. */
export function approvalReason(steps: readonly PlanStep[]): string {
  return steps.length === 0 ? '' : `waiting for pruning confirmation of ${stepTitles(steps, 'resources')}`;
}

/** Whether an object's deletion has to be confirmed, by its own options or the application's. */
export function needsDeletionApproval(
  desired: Annotated | undefined,
  live: Annotated | undefined,
  options: SyncOptions,
): boolean {
  return [desired, live].some(
    (object) =>
      object !== undefined &&
      (pruneChoice(object, options) === 'confirm' || deleteChoice(object, options) === 'confirm'),
  );
}
