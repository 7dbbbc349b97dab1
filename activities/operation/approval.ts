import { KeelsonError } from '../../core/errors.ts';
import { deletionApprovedAnnotation } from '../../core/object/annotations.ts';
import { type PlanGroup, type SyncPlan, stepsOfGroup } from '../../core/sync/plan/plan.ts';
import { approvalReason, isApproved } from '../../core/sync/walk/approval.ts';
import { getApplication } from '../../db/queries/application/application.ts';
import type { OperationRow } from '../../db/queries/operation/operation.ts';
import type { RecordDeps } from '../deps.ts';

/**
 * What a group's approval is waited for, in words; undefined when nothing has to be approved or everything is. A
 * deletion counts from the request to delete the application, a sync from its start.
 */
export async function missingApproval(
  deps: Pick<RecordDeps, 'db'>,
  operation: OperationRow,
  plan: Pick<SyncPlan, 'steps'>,
  group: PlanGroup,
): Promise<string | undefined> {
  if (group.approval === undefined || group.approval.length === 0) return undefined;
  const application = await getApplication(deps.db, operation.applicationId);
  const started = operation.startedAt ?? operation.requestedAt;
  const since = operation.kind === 'delete' ? (application?.deletionRequestedAt ?? started) : started;
  if (application !== undefined && isApproved(application.annotations[deletionApprovedAnnotation], since))
    return undefined;
  const asked = new Set(group.approval);
  const steps = stepsOfGroup(plan, group).filter((step) => asked.has(step.step));
  return approvalReason(steps, operation.applicationName);
}

/** The last look before a group is written: whatever led here, nothing goes that somebody had to confirm first. */
export async function requireApproval(
  deps: Pick<RecordDeps, 'db'>,
  operation: OperationRow,
  plan: Pick<SyncPlan, 'steps'>,
  group: PlanGroup,
): Promise<void> {
  const missing = await missingApproval(deps, operation, plan, group);
  if (missing === undefined) return;
  throw new KeelsonError(
    'precondition-failed',
    `${missing}; confirm it with keelson app confirm-deletion ${operation.applicationName} and sync again`,
  );
}
