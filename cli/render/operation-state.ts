import { sameKey } from '../../core/object/key.ts';
import { isFinished, type OperationView, type StepView } from '../../core/sync/operation/operation.ts';
import type { PlanGroup } from '../../core/sync/plan/plan.ts';

/** How far a group of steps, or one step, has come. */
export type GroupState = 'pending' | 'active' | 'done' | 'failed';

/** The steps of one phase and wave in the current attempt. */
export function stepsOf(view: OperationView, group: PlanGroup): StepView[] {
  return view.steps.filter(
    (step) =>
      step.attempt === view.attempt && step.step >= group.first && step.step < group.first + group.count,
  );
}

/** Whether a hook ended badly. */
export function isHookFailure(phase: string | undefined): boolean {
  return phase === 'Failed' || phase === 'Error';
}

/** How far one step has come; a hook is done when its work has ended, not when it was created. */
export function stepStateOf(step: StepView): GroupState {
  if (step.status === 'SyncFailed' || isHookFailure(step.hookPhase)) return 'failed';
  if (step.hook && step.status !== undefined && step.hookPhase !== 'Succeeded') return 'active';
  if (step.status !== undefined) return 'done';
  return step.startedAt === undefined ? 'pending' : 'active';
}

/** How far a phase and wave has come, its settling included. */
export function groupStateOf(view: OperationView, group: PlanGroup): GroupState {
  const steps = stepsOf(view, group);
  const states = steps.map(stepStateOf);
  if (states.includes('failed')) return 'failed';
  const finished = isFinished(view.phase);
  if (states.every((state) => state === 'pending')) return 'pending';
  const complete = steps.length >= group.count && states.every((state) => state === 'done');
  if (finished && view.phase !== 'Succeeded')
    return complete && !hasOpenWait(view, group, steps) ? 'done' : 'failed';
  if (finished) return 'done';
  if (!complete || hasOpenWait(view, group, steps)) return 'active';
  return group.settle && !hasSettled(view, group) ? 'active' : 'done';
}

function hasOpenWait(view: OperationView, group: PlanGroup, steps: readonly StepView[]): boolean {
  return view.waits.some(
    (wait) =>
      wait.closedAt === undefined &&
      (wait.phase === undefined
        ? wait.keys.some((key) => steps.some((step) => sameKey(step.key, key)))
        : wait.phase === group.phase && (wait.wave ?? group.wave) === group.wave),
  );
}

/** A group that must settle has done so once its wait is closed or a later step has begun. */
function hasSettled(view: OperationView, group: PlanGroup): boolean {
  const closed = view.waits.some(
    (wait) => wait.closedAt !== undefined && wait.phase === group.phase && wait.wave === group.wave,
  );
  const behind = group.first + group.count;
  return (
    closed ||
    view.steps.some(
      (step) => step.attempt === view.attempt && step.step >= behind && stepStateOf(step) !== 'pending',
    )
  );
}
