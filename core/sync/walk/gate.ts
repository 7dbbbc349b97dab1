import { deletionApprovedAnnotation } from '../../object/annotations.ts';
import type { ResourceKey } from '../../object/key.ts';
import { closureOf } from '../../project/window/closure.ts';
import type { OpenedWindows } from '../../project/window/decision.ts';
import type { StoredInitiator } from '../operation/initiator.ts';
import type { OperationKind, SyncRequest, WaitKind } from '../operation/operation.ts';
import { type PlanGroup, type PlanStep, type SyncPlan, stepsOfGroup } from '../plan/plan.ts';
import { approvalReason, confirmationReason, isApproved } from './approval.ts';

/** What can hold a group back, each by the kind of the wait that says so, in the order in which they are asked. */
export const gateKinds = ['approval', 'window'] as const satisfies readonly WaitKind[];
type GateKind = (typeof gateKinds)[number];

/** A gate that is closed: nothing of its group is written before it opens. */
export type Gate = Held & { readonly kind: GateKind };

type Held = {
  /** Steps of the plan that the gate is about. */
  readonly steps: readonly number[];
  readonly keys: readonly ResourceKey[];
  /** Why the group is held back, and what opens the gate. */
  readonly reason: string;
  /** When the gate opens by itself, where that is known. */
  readonly until?: Date;
  /** After how long whoever waits looks again; the nudge that follows a change usually comes earlier. */
  readonly recheckMilliseconds: number;
};

/** The operation whose groups are held back. */
export type GatedOperation = {
  readonly kind: OperationKind;
  readonly applicationName: string;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly initiatedBy: Pick<StoredInitiator, 'automated'>;
  readonly request: Pick<SyncRequest, 'breakGlass'>;
};

/** The application and the group as they stand at this moment, as far as a gate asks for them. */
export type GateFacts = {
  readonly annotations: Readonly<Record<string, string>>;
  readonly deletionRequestedAt: Date | null;
  /** The sync windows that are the application's. */
  readonly windows: OpenedWindows;
  /** In milliseconds since 1970. */
  readonly now: number;
  /** Whether something of the group was written already, which a crash may have left half done. */
  readonly begun: boolean;
};

type Asked = {
  readonly operation: GatedOperation;
  readonly plan: Pick<SyncPlan, 'steps'>;
  readonly group: PlanGroup;
  readonly facts: GateFacts;
};

/** A rule answers why the group is held back, and nothing where its gate is open. */
type GateRule = (asked: Asked) => Held | undefined;

const rules: Readonly<Record<GateKind, GateRule>> = {
  approval: approvalRule,
  window: windowRule,
};

/** The closed gates before a group, in their order; none where the group may be written now. */
export function gatesOf(
  operation: GatedOperation,
  plan: Pick<SyncPlan, 'steps'>,
  group: PlanGroup,
  facts: GateFacts,
): Gate[] {
  return gateKinds.flatMap((kind) => {
    const held = rules[kind]({ operation, plan, group, facts });
    return held === undefined ? [] : [{ kind, ...held }];
  });
}

const approvalRecheckMilliseconds = 45_000;

/** How each kind of operation asks for an approval of its deletions. */
type Question = {
  readonly steps: (asked: Asked) => readonly PlanStep[];
  /** An approval that was given earlier was meant for another operation. */
  readonly since: (asked: Asked) => Date;
  readonly reason: (steps: readonly PlanStep[], application: string) => string;
};

const questions: Readonly<Record<OperationKind, Question>> = {
  sync: {
    steps: ({ plan, group }) =>
      stepsOfGroup(plan, group).filter(({ step }) => group.approval?.includes(step) === true),
    since: ({ operation }) => operation.startedAt ?? operation.requestedAt,
    reason: approvalReason,
  },
  // A deletion asks once, before its first object goes, for all that is going to.
  delete: {
    steps: ({ plan, group }) =>
      group.phase === 'Delete' ? plan.steps.filter(({ needsApproval }) => needsApproval === true) : [],
    since: ({ operation, facts }) => facts.deletionRequestedAt ?? operation.requestedAt,
    reason: confirmationReason,
  },
};

function approvalRule(asked: Asked): Held | undefined {
  const { operation, facts } = asked;
  const question = questions[operation.kind];
  const steps = question.steps(asked);
  if (steps.length === 0) return undefined;
  if (isApproved(facts.annotations[deletionApprovedAnnotation], question.since(asked))) return undefined;
  return {
    steps: steps.map(({ step }) => step),
    keys: steps.map(({ key }) => key),
    reason: question.reason(steps, operation.applicationName),
    recheckMilliseconds: approvalRecheckMilliseconds,
  };
}

/** The hint that follows a change of the windows may be lost. */
const mostWindowRecheckMilliseconds = 600_000;
/** Clocks differ a little: who looks too early would look again and again. */
const leastWindowRecheckMilliseconds = 250;

/**
 * A sync is stopped between groups once its windows are closed, unless they let it run on; what has begun of a group is
 * finished. A deletion is no sync, and no window stops what somebody has let through with a reason.
 */
function windowRule({ operation, facts }: Asked): Held | undefined {
  if (facts.begun || !asksForWindows(operation)) return undefined;
  const { startedAt, initiatedBy } = operation;
  const closure = closureOf(facts.windows, {
    at: facts.now,
    manual: !initiatedBy.automated,
    startedAt: startedAt?.getTime(),
  });
  if (closure === undefined) return undefined;
  const { message, opensAt, askAt } = closure;
  const pause = Math.max(askAt - facts.now, leastWindowRecheckMilliseconds);
  return {
    steps: [],
    keys: [],
    reason: message,
    ...(opensAt === undefined ? {} : { until: new Date(opensAt) }),
    recheckMilliseconds: Math.min(pause, mostWindowRecheckMilliseconds),
  };
}

/** Whether windows count for an operation at all. */
export function asksForWindows({ kind, request }: Pick<GatedOperation, 'kind' | 'request'>): boolean {
  return kind === 'sync' && request.breakGlass === undefined;
}
