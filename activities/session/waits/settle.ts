import { KeelsonError } from '../../../core/errors.ts';
import { stepAnnotation } from '../../../core/object/annotations.ts';
import { endedMessage } from '../../../core/sync/operation/message.ts';
import { stepsOfGroup } from '../../../core/sync/plan/plan.ts';
import {
  failureReason,
  type SteppedState,
  settleKindOf,
  settleKinds,
  waitReason,
} from '../../../core/sync/walk/settle.ts';
import { recordModified } from '../../../db/queries/application/change.ts';
import { getOperation } from '../../../db/queries/operation/operation.ts';
import {
  completeStep,
  findPlan,
  type StepResultRow,
  stepResultsOf,
} from '../../../db/queries/operation/plan.ts';
import { announceWait, closeWaits, closeWaitsOfKind } from '../../../db/queries/operation/wait.ts';
import type { GroupRef, SettleResult } from '../../../workflows/messages.ts';
import { hookStamp, releaseHook } from '../../apply/hooks.ts';
import type { SessionDeps } from '../../deps.ts';
import { reportingCluster } from '../../operation/cluster-wait.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { withHolders } from '../compare/holders.ts';
import { outageOf, outageWords } from '../outage.ts';
import { evaluateGroup, readUnwatched } from './evaluate.ts';

export function settleActivities(deps: SessionDeps) {
  return {
    /**
     * Looks at a group's objects. All there: their results are completed and the wait is closed. Still waiting: the
     * wait stands as a row with its reason, and this session signals the workflow when it ends.
     */
    async settleGroup(ref: GroupRef): Promise<SettleResult> {
      const session = deps.liveClusters.get(ref.clusterId);
      return reportingCluster(deps, ref, 'looking at the objects', () => settle(deps, session, ref));
    },
  };
}

async function settle(deps: SessionDeps, session: ClusterSession, ref: GroupRef): Promise<SettleResult> {
  const [plan, rows] = await Promise.all([findPlan(deps.db, ref), stepResultsOf(deps.db, ref)]);
  if (plan === undefined) {
    throw new KeelsonError(
      'not-found',
      `operation ${ref.operationId} has no plan for attempt ${ref.attempt}`,
    );
  }
  const steps = stepsOfGroup(plan.plan, ref);
  const results = new Map(rows.map((row) => [row.step, row]));
  await Promise.all(
    steps.map(async (step) => {
      const result = results.get(step.step);
      if (result?.uid == null || result.objectVersion === null || result.finishedAt !== null) return;
      // What isn't watched is looked at directly below.
      if (!session.view.watches(step.key.group, step.key.kind)) return;
      await session.view.observed(result.uid, result.objectVersion, step.key);
    }),
  );

  const looked = await readUnwatched(session.view, steps, results);
  const states = evaluateGroup(session.view, steps, results, looked);
  await completeEnded(deps, ref, states, results);
  await releaseEnded(deps, session, ref, states);
  const failed = states.filter(({ state }) => state.state === 'failed');
  const waiting = states.filter(({ state }) => state.state === 'waiting');
  if (failed.length === 0 && waiting.length > 0) {
    const operation = await getOperation(deps.db, ref.operationId);
    const unreadable = [...looked.unreadable.values()];
    return wait(deps, session, ref, { waiting, unreadable, deadline: operation?.deadline ?? null });
  }

  await closeWaits(deps.db, ref.operationId, ref);
  if (failed.length === 0) return { kind: 'settled' };
  return { kind: 'failed', message: failureReason(failed) };
}

async function completeEnded(
  deps: SessionDeps,
  ref: GroupRef,
  states: readonly SteppedState[],
  results: ReadonlyMap<number, StepResultRow>,
): Promise<void> {
  const resultOf = ({ step }: SteppedState): StepResultRow | undefined => results.get(step.step);
  const ended = states.filter((one) => one.state.state !== 'waiting' && resultOf(one)?.finishedAt == null);
  if (ended.length === 0) return;
  const finishedAt = new Date();
  await Promise.all(
    ended.map((one) => {
      const { step, state } = one;
      const message = endedMessage(resultOf(one)?.message ?? '', state.message);
      return completeStep(
        deps.db,
        { operationId: ref.operationId, attempt: ref.attempt, step: step.step },
        {
          hookPhase: state.state === 'failed' ? 'Failed' : 'Succeeded',
          ...(state.message === '' ? {} : { message }),
          finishedAt,
        },
      );
    }),
  );
  await recordModified(deps.db, ref.applicationId);
}

type Waiting = {
  readonly waiting: readonly SteppedState[];
  /** Why some of them can't be read. */
  readonly unreadable: readonly string[];
  readonly deadline: Date | null;
};

/**
 * Lets go of hook objects whose results are recorded: nothing else needs them any more, and what holds one of them holds
 * the namespace that somebody deletes.
 */
async function releaseEnded(
  deps: Pick<SessionDeps, 'log'>,
  { client, view }: ClusterSession,
  ref: GroupRef,
  states: readonly SteppedState[],
): Promise<void> {
  const releases = states.map(async ({ step, state }) => {
    if (step.action !== 'create-hook' || state.state === 'waiting') return;
    const object = view.get(step.key);
    if (object?.metadata.annotations?.[stepAnnotation] !== hookStamp(ref, step.step)) return;
    await releaseHook(client, step, object);
  });
  for (const one of await Promise.allSettled(releases)) {
    if (one.status === 'fulfilled') continue;
    // Safe: the end of the operation lets go of all its hooks, and says so when it can't.
    deps.log.warn({ operationId: ref.operationId, error: String(one.reason) }, 'hook was not released');
  }
}

async function wait(
  deps: SessionDeps,
  session: ClusterSession,
  ref: GroupRef,
  { waiting, unreadable, deadline }: Waiting,
): Promise<SettleResult> {
  const outage = outageOf(session.view);
  const said = waitReason(await withHolders(session.view, waiting));
  const blind = outage === undefined ? unreadable.slice(0, 1) : [outageWords(outage)];
  const reason = [said, ...blind].join('; ');
  const kind = settleKindOf(waiting.map(({ step }) => step));
  await closeWaitsOfKind(
    deps.db,
    ref.operationId,
    settleKinds.filter((other) => other !== kind),
  );
  await announceWait(deps.db, ref, {
    clusterId: ref.clusterId,
    kind,
    phase: ref.phase,
    wave: ref.wave,
    steps: waiting.map(({ step }) => step.step),
    keys: waiting.map(({ step }) => step.key),
    reason,
    deadline,
  });
  await deps.faults.reach('wave-settling');
  await session.waits.reload();
  return { kind: 'waiting', hooks: kind === 'hook' };
}
