import { deletionApprovedAnnotation } from '../../object/annotations.ts';
import type { ResourceKey } from '../../object/key.ts';
import type { OperationKind, WaitKind } from '../operation/operation.ts';
import { type PlanGroup, type PlanStep, type SyncPlan, stepsOfGroup } from '../plan/plan.ts';
import { approvalReason, confirmationReason, isApproved } from './approval.ts';

/** What can hold a group back, each by the kind of the wait that says so, in the order in which they are asked. */
export const gateKinds = ['approval'] as const satisfies readonly WaitKind[];
type GateKind = (typeof gateKinds)[number];

/** A gate that is closed: nothing of its group is written before it opens. */
export type Gate = Held & { readonly kind: GateKind };

type Held = {
  /** Steps of the plan that the gate is about. */
  readonly steps: readonly number[];
  readonly keys: readonly ResourceKey[];
  /** Why the group is held back, and what opens the gate. */
  readonly reason: string;
  /** After how long whoever waits looks again; the nudge that follows a change usually comes earlier. */
  readonly recheckMilliseconds: number;
};

/** The operation whose groups are held back. */
export type GatedOperation = {
  readonly kind: OperationKind;
  readonly applicationName: string;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
};

/** The application as it stands at this moment, as far as a gate asks for it. */
export type GateFacts = {
  readonly annotations: Readonly<Record<string, string>>;
  readonly deletionRequestedAt: Date | null;
};

type Asked = {
  readonly operation: GatedOperation;
  readonly plan: Pick<SyncPlan, 'steps'>;
  readonly group: PlanGroup;
  readonly facts: GateFacts;
};

/** A rule answers why the group is held back, and nothing where its gate is open. */
type GateRule = (asked: Asked) => Held | undefined;

const rules: Readonly<Record<GateKind, GateRule>> = { approval: approvalRule };

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
