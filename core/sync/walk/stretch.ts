import type { PlanGroup } from '../plan/plan.ts';

/** Steps that an API server at its ease takes in a few tenths of a second. */
const shortSteps = 60;

/** A group with what a walk that stands before it writes in one go. */
export type StretchGroup = PlanGroup & {
  /** Groups from this one on between which nothing is waited for. */
  readonly together: number;
  /** Whether they are so few steps that they are written beside the workflow. */
  readonly short: boolean;
  /** Whether nothing of the plan is left to do once they are written. */
  readonly last: boolean;
};

/** Decides for each group of a plan what is written with it: up to a wait, or to a group that needs an approval. */
export function withStretches(groups: readonly PlanGroup[]): StretchGroup[] {
  return groups.map((group, position) => {
    const stretch = stretchFrom(groups, position);
    return {
      ...group,
      together: stretch.length,
      short: stretch.reduce((sum, { count }) => sum + count, 0) <= shortSteps,
      last: position + stretch.length >= groups.length && stretch.at(-1)?.settle === false,
    };
  });
}

function stretchFrom(groups: readonly PlanGroup[], position: number): readonly PlanGroup[] {
  let end = position + 1;
  while (end < groups.length && groups[end - 1]?.settle === false && groups[end]?.approval === undefined)
    end++;
  return groups.slice(position, end);
}
