import { shownTarget } from '../../core/application/home.ts';
import { deadlineOf } from '../../core/sync/operation/deadline.ts';
import { groupAt } from '../../core/sync/plan/plan.ts';
import { type Gate, gateKinds, gatesOf } from '../../core/sync/walk/gate.ts';
import { type OperationState, operationState } from '../../db/queries/operation/operation-state.ts';
import { announceWait, closeWaitsOfKind } from '../../db/queries/operation/wait.ts';
import type { Gates, GroupRef } from '../../workflows/messages.ts';
import type { RecordDeps } from '../deps.ts';
import { gateFacts } from './gate-facts.ts';

type GateDeps = Pick<RecordDeps, 'db' | 'homeNamespace' | 'settings'>;

export function gateActivities(deps: GateDeps) {
  return {
    /** Whether a group may be written now; for each gate that is closed a row says what is waited for. */
    async passGates(ref: GroupRef): Promise<Gates> {
      const state = await operationState(deps.db, ref.operationId);
      const closed = state === undefined ? [] : await closedGates(deps, state, ref);
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
async function closedGates(deps: GateDeps, state: OperationState, ref: GroupRef): Promise<readonly Gate[]> {
  const { plan } = state;
  const operation = { ...state.operation, applicationName: shownTarget(state.operation, deps.homeNamespace) };
  const group = plan && groupAt(plan.plan, ref);
  if (plan === undefined || group === undefined) return [];
  return gatesOf(operation, plan.plan, group, await gateFacts(deps, state));
}

async function sayClosed(
  deps: Pick<RecordDeps, 'db'>,
  ref: GroupRef,
  { kind, steps, keys, reason, until }: Gate,
  state: OperationState | undefined,
): Promise<void> {
  await announceWait(deps.db, ref, {
    clusterId: null,
    kind,
    phase: ref.phase,
    wave: ref.wave,
    steps: [...steps],
    keys: [...keys],
    reason,
    deadline: earlier(until, state === undefined ? null : deadlineOf(state.operation)),
  });
}

/** When a wait is over at the latest: its gate opens, or the operation's time is up. */
function earlier(until: Date | undefined, deadline: Date | null): Date | null {
  if (until === undefined) return deadline;
  return deadline === null || until < deadline ? until : deadline;
}
