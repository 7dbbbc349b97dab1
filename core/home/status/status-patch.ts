import { mergePatchBetween } from '../../action/merge-patch.ts';
import type { ApplicationStatus } from '../../application/status.ts';
import { sameJson } from '../../object/json/canonical.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import { ownField } from '../../own-field.ts';
import { formatTime } from '../../text/time.ts';
import { fitStatus } from './fit-status.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What an application's object is to say. */
export type WantedStatus = {
  readonly status: ApplicationStatus;
  /** When somebody or something last asked for a comparison: an operation's end, a refresh, a changed spec. */
  readonly refreshedAt?: Date | undefined;
};

/**
 * The merge patch that makes an object's status what is shown of its application, with nulls for what vanished; undefined
 * where nothing is to be written. What stands there is only compared with: whoever wrote it, it is overwritten. That
 * an application was looked at again and nothing was found is no reason to write, unless somebody asked for the look.
 */
export function statusPatch(live: unknown, { status, refreshedAt }: WantedStatus): Fields | undefined {
  const { reconciledAt } = status;
  const timed = reconciledAt === undefined ? status : { ...status, observedAt: reconciledAt };
  const wanted = asStored(fitStatus(timed));
  if (!isFields(live)) return { status: wanted };
  const patch = mergePatchBetween(asStored(live), wanted);
  if (patch === undefined) return undefined;
  const movesTimesOnly =
    sameJson(withoutTimes(live), withoutTimes(wanted)) && areOurTimes(live, reconciledAt);
  if (movesTimesOnly && !wasAskedFor(live, refreshedAt)) return undefined;
  return { status: patch };
}

/** Fields as they are after a merge patch, which can't write a null. */
function asStored(fields: Fields): Fields {
  const kept = Object.entries(fields).flatMap(([name, value]): [string, unknown][] =>
    value === null || value === undefined ? [] : [[name, isFields(value) ? asStored(value) : value]],
  );
  return Object.fromEntries(kept);
}

function withoutTimes(status: Fields): Fields {
  const { reconciledAt: _, observedAt: __, ...rest } = status;
  return rest;
}

/** Whether the times that stand in an object are those of an earlier write: nobody has another clock than ours. */
function areOurTimes(live: Fields, reconciledAt: string | undefined): boolean {
  const [reconciled, observed] = [ownField(live, 'reconciledAt'), ownField(live, 'observedAt')];
  if (typeof reconciled !== 'string' || observed !== reconciled || reconciledAt === undefined) return false;
  return isTime(reconciled) && reconciled <= reconciledAt;
}

/** Whether a comparison was asked for since the one whose time stands in the object; times have whole seconds there. */
function wasAskedFor(live: Fields, refreshedAt: Date | undefined): boolean {
  const reconciled = ownField(live, 'reconciledAt');
  return refreshedAt !== undefined && typeof reconciled === 'string' && reconciled <= formatTime(refreshedAt);
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text);
}
