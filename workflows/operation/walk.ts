import { CancelledFailure } from '@temporalio/workflow';
import type { WalkedGroup } from '../../core/sync/walk/small.ts';
import type { GroupFailure, GroupRef, GroupResult } from '../messages.ts';
import { apply, beside } from '../proxies.ts';
import { onCluster, onSession, type Passage } from './cluster.ts';
import { untilOpen } from './gate.ts';

/** How long a group that waits goes without a hint: a lost signal costs this much, never the sync. */
const recheckMilliseconds = 45_000;

/** What a walk needs besides the groups. */
export type Walk = Passage & {
  /** How long it goes without one before each of its first looks, where that is less. */
  readonly rechecks?: readonly number[];
};

/** How a walk ended: every group has settled as far as its plan asks, or one has failed. */
export type Walked = { readonly kind: 'done' } | GroupFailure;

const done: Walked = { kind: 'done' };

/** Walks the groups from position `first` in order, up to `end` or the first that fails. */
export async function walkGroups(
  walk: Walk,
  groups: readonly WalkedGroup[],
  first = 0,
  end = groups.length,
): Promise<Walked> {
  for (let position = first; position < end; position++) {
    if (!walk.begun.inHook) walk.stop?.boundary();
    walk.begun.inHook = false;
    // A fresh run begins with the group that it was made for, so that each gets on.
    if (position > first && walk.over.isLong()) await walk.over.handOver({ group: position });
    const walked = await walkGroup(walk, groups[position] as WalkedGroup, position);
    if (walked.kind === 'failed') return walked;
  }
  return done;
}

/** Writes a group once its gates are open, and waits until its objects have settled where the plan asks for that. */
async function walkGroup(walk: Walk, group: WalkedGroup, position: number): Promise<Walked> {
  const { phase, wave } = group;
  const ref: GroupRef = { ...walk.attempt, phase, wave };
  for (;;) {
    const result = await onCluster(walk, position, () => write(ref, group));
    switch (result.kind) {
      case 'written':
        return group.settle ? untilSettled(walk, ref, position) : done;
      case 'failed':
        return result;
      case 'terminating':
        // Seen in the operation's row before the signal about it was heard.
        throw new CancelledFailure('the operation was asked to terminate');
      case 'held':
        await walk.over.beforeWait({ group: position });
        await untilOpen(walk, ref, position);
    }
  }
}

/** Writes a group: a small one beside the workflow, what is larger or takes its time by an activity of its own. */
async function write(ref: GroupRef, { small }: WalkedGroup): Promise<GroupResult> {
  const result = small ? await beside.applySmallGroup(ref) : undefined;
  return result === undefined || result.kind === 'unfinished' ? apply.applyGroup(ref) : result;
}

/** Waits until the objects of a written group are healthy, complete or gone. */
async function untilSettled(walk: Walk, ref: GroupRef, position: number): Promise<Walked> {
  for (let looks = 0; ; looks++) {
    const result = await onSession(walk, position, (session) => session.settleGroup(ref));
    if (result.kind === 'settled') return done;
    if (result.kind === 'failed') return result;
    // A hook that runs is never given up for something newer: its group ends first.
    const interruptible = result.hooks ? undefined : walk.stop;
    interruptible?.boundary();
    await walk.over.beforeWait({ group: position, ...(result.hooks ? { inHook: true } : {}) });
    const wait = () => walk.hints.settledOrAfter(ref, walk.rechecks?.[looks] ?? recheckMilliseconds);
    await (interruptible === undefined ? wait() : interruptible.untilRequested(wait));
  }
}
