import type { PlanStep } from './plan.ts';
import { sentence } from './settle.ts';

/**
 * Whether an approval (an RFC 3339 time) is for an operation that started at `startedAt`: one given before it is not.
 * Approvals carry whole seconds, so an operation counts from the second it started in.
 */
export function isApproved(approval: string | undefined, startedAt: Date): boolean {
  if (approval === undefined || !/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d/.test(approval)) return false;
  const approvedAt = Date.parse(approval);
  return approvedAt >= Math.floor(startedAt.getTime() / 1000) * 1000;
}

/** Why an operation waits for a person, in the reference's words, and what the person has to do. */
export function approvalReason(steps: readonly PlanStep[]): string {
  return sentence('pruning confirmation of', steps, 'resources');
}
