import type { PlanGroup, SyncPlan } from '../plan/plan.ts';

/** Steps that an API server at its ease takes in a few tenths of a second. */
const smallSteps = 60;

/** A group as a workflow walks it. */
export type WalkedGroup = PlanGroup & {
  /** Whether it is so few steps that they are written beside the workflow, without a hop through the engine. */
  readonly small: boolean;
};

/** Marks the groups of a plan that are small; the mark goes into the workflow's history, so the limit may change. */
export function walkedGroups(groups: readonly PlanGroup[]): WalkedGroup[] {
  return groups.map((group) => ({ ...group, small: group.count <= smallSteps }));
}

/** A plan, as far as it says how much there is to do. */
type PlanSize = Pick<SyncPlan, 'groups' | 'refused'> & { readonly hasHooks: boolean };

/**
 * Whether a plan is so little that the whole sync may be over within one activity: few steps, none of which is waited
 * for, and no hook that would have to be ended.
 */
export function isSmallPlan({ groups, refused, hasHooks }: PlanSize): boolean {
  return (
    refused === undefined &&
    !hasHooks &&
    groups.every(({ settle }) => !settle) &&
    groups.reduce((sum, { count }) => sum + count, 0) <= smallSteps
  );
}
