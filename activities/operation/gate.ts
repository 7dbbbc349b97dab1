import { shownTarget } from '../../core/application/home.ts';
import { deadlineOf } from '../../core/sync/operation/deadline.ts';
import { groupAt } from '../../core/sync/plan/plan.ts';
import { type Gate, gateKinds, gatesOf } from '../../core/sync/walk/gate.ts';
import { type OperationState, operationState } from '../../db/queries/operation/operation-state.ts';
import { closeWaitsOfKind, tellWait } from '../../db/queries/operation/wait.ts';
import type { Gates, GroupRef } from '../../workflows/messages.ts';
import type { RecordDeps } from '../deps.ts';

export function gateActivities(deps: Pick<RecordDeps, 'db' | 'homeNamespace'>) {
  return {
    /** Whether a group may be written now; for each gate that is closed a row says what is waited for. */
    async passGates(ref: GroupRef): Promise<Gates> {
      const state = await operationState(deps.db, ref.operationId);
      const closed = state === undefined ? [] : closedGates(state, ref, deps.homeNamespace);
      const open = gateKinds.filter((kind) => !closed.some((gate) => gate.kind === kind));
      await closeWaitsOfKind(deps.db, ref.operationId, open);
      for (const gate of closed) await sayClosed(deps, ref, gate, state);
      if (closed.length === 0) return { state: 'open' };
      return {
        state: 'waiting',
        recheckMilliseconds: Math.min(...closed.map(({ recheckMilliseconds }) => recheckMilliseconds)),
      };
    },
  };
}

/** What has no plan has nothing to hold back: its write says what is wrong. */
function closedGates(state: OperationState, ref: GroupRef, home: string): readonly Gate[] {
  const { plan } = state;
  const operation = { ...state.operation, applicationName: shownTarget(state.operation, home) };
  const group = plan && groupAt(plan.plan, ref);
  return plan === undefined || group === undefined ? [] : gatesOf(operation, plan.plan, group, state);
}

async function sayClosed(
  deps: Pick<RecordDeps, 'db'>,
  ref: GroupRef,
  { kind, steps, keys, reason }: Gate,
  state: OperationState | undefined,
): Promise<void> {
  await tellWait(deps.db, ref, {
    clusterId: null,
    kind,
    phase: ref.phase,
    wave: ref.wave,
    steps: [...steps],
    keys: [...keys],
    reason,
    deadline: state === undefined ? null : deadlineOf(state.operation),
  });
}
