import { keyId } from '../../object/key.ts';
import { joinCauses } from '../operation/message.ts';
import { compareSteps } from './order.ts';
import { planSchemaVersion, type SyncPlan } from './plan.ts';
import type { TaskList } from './plan-tasks.ts';
import type { Task } from './task.ts';

/** Messages of single objects that the operation's own message repeats; the rest is on the objects. */
const mostNamed = 20;

/**
 * A plan that carries nothing out, where objects are at fault: its steps are these objects, each with its reason.
 * Undefined when nothing speaks against the sync.
 */
export function refusedPlan({ tasks, shared }: TaskList): SyncPlan | undefined {
  const refused = tasks
    .map((task) => ({ task, note: task.problem ?? sharedNote(task, shared) }))
    .filter((one): one is { task: Task; note: string } => one.note !== undefined)
    .sort((a, b) => compareSteps(a.task, b.task));
  const invalid = refused.flatMap(({ task }) => task.problem ?? []);
  const reasons = [
    ...(shared.size === 0 ? [] : [`Shared resource found: ${joinCauses([...shared.values()], mostNamed)}`]),
    ...(invalid.length === 0
      ? []
      : [`one or more synchronization tasks are not valid: ${joinCauses(invalid, mostNamed)}`]),
  ];
  if (reasons.length === 0) return undefined;
  return {
    schemaVersion: planSchemaVersion,
    steps: refused.map(({ task: { manifest: _manifest, problem: _problem, ...task }, note }, step) => ({
      step,
      batch: 0,
      ...task,
      note,
    })),
    groups: [],
    failureGroups: [],
    refused: reasons.join('; '),
  };
}

/** A plan that carries nothing out, where no object but the application itself is at fault. */
export function refusedAsWhole(refused: string): SyncPlan {
  return { schemaVersion: planSchemaVersion, steps: [], groups: [], failureGroups: [], refused };
}

function sharedNote(task: Task, shared: TaskList['shared']): string | undefined {
  const warning = shared.get(keyId(task.key));
  return warning === undefined ? undefined : `Shared resource found: ${warning}`;
}
