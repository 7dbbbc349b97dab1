import type { Annotated } from '../../object/annotated-list.ts';
import { deletionApprovedAnnotation } from '../../object/annotations.ts';
import { formatKey } from '../../object/key.ts';
import { someOf } from '../../text/some-of.ts';
import { strangerReason } from '../installation/stranger.ts';
import { stepTitles } from '../operation/message.ts';
import { deleteChoice, pruneChoice, type SyncOptions } from '../options/options.ts';
import type { PlanStep } from '../plan/plan.ts';

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[-+]\d{2}:\d{2})$/;

/**
 * Whether an approval (an RFC 3339 time) is for deletions that have been waiting since `since`: one that was given
 * to an earlier operation does not count. Approvals carry whole seconds, so one within the first second does.
 */
export function isApproved(approval: string | undefined, since: Date): boolean {
  if (approval === undefined || !rfc3339.test(approval)) return false;
  return Date.parse(approval) >= Math.floor(since.getTime() / 1000) * 1000;
}

/** What an operation says while its group waits for an approval, in the reference's words, and why if strangers ask. */
export function approvalReason(steps: readonly PlanStep[], application: string): string {
  if (steps.length === 0) return '';
  const waiting = `waiting for pruning confirmation of ${stepTitles(steps, 'resources')}`;
  const why = strangerReason(steps);
  if (why === '') return waiting;
  return `${waiting}${why}: confirm with keelson app confirm-deletion ${application}, or terminate the operation`;
}

const shownObjects = 3;

/** What a deletion says while nobody has confirmed it, and how to do that. */
export function confirmationReason(steps: readonly PlanStep[], application: string): string {
  const named = someOf(
    steps.map(({ key }) => formatKey(key)),
    shownObjects,
  );
  return (
    `waiting for confirmation that ${named} may be deleted; confirm with ` +
    `keelson app confirm-deletion ${application}, or annotate the application with ` +
    `${deletionApprovedAnnotation} and the time${strangerReason(steps)}`
  );
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
