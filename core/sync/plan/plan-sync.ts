import { formatKey, type ResourceKey } from '../../object/key.ts';
import { parseSyncOptions } from '../options/options.ts';
import { isApplication } from '../walk/child-application.ts';
import { type PlanGroup, type PlanStep, planSchemaVersion, type SyncPlan } from './plan.ts';
import { optionsInForce, type PlanInput, type SyncGate } from './plan-input.ts';
import { orderTasks } from './plan-order.ts';
import { refusedPlan } from './plan-refusal.ts';
import { buildTasks } from './plan-tasks.ts';
import type { Task } from './task.ts';

export type { DesiredObject, LiveObject, PlanInput } from './plan-input.ts';

/** A plan, which may be a refusal, with what people should know about it. */
export type PlanResult = { readonly plan: SyncPlan; readonly warnings: readonly string[] };

/** Decides a sync in full: which objects are written, created as hooks or deleted, in which order and batches. */
export function planSync(input: PlanInput): PlanResult {
  const list = buildTasks(input);
  const refused = refusedPlan({ ...list, tasks: [...namespaceTask(input, []), ...list.tasks] });
  if (refused !== undefined) return { plan: refused, warnings: list.warnings };
  const sorted = orderTasks(list.tasks);
  const ordered = [...namespaceTask(input, sorted), ...sorted];
  const main = ordered.filter((task) => task.phase !== 'SyncFail');
  const failing = ordered.filter((task) => task.phase === 'SyncFail');
  const steps: PlanStep[] = [];
  const groups = placeGroups(main, steps, input.gate);
  const failureGroups = placeGroups(failing, steps, input.gate);
  return {
    plan: { schemaVersion: planSchemaVersion, steps, groups, failureGroups },
    warnings: list.warnings,
  };
}

/**
 * The step that makes the destination namespace, in front of everything, where it is asked for and missing. With
 * labels or annotations to keep there it is part of every sync. A namespace from the source has them itself.
 */
function namespaceTask(input: PlanInput, tasks: readonly Task[]): Task[] {
  const { destinationNamespace: name, managedNamespaceMetadata: managed } = input.application;
  const wanted = parseSyncOptions(optionsInForce(input)).createNamespace && name !== '';
  if (!wanted || (input.namespaceExists && managed === undefined)) return [];
  const defined = input.desired.some(
    ({ manifest }) =>
      manifest.apiVersion === 'v1' && manifest.kind === 'Namespace' && manifest.metadata.name === name,
  );
  if (defined) return [];
  const [first] = tasks;
  const key = { group: '', kind: 'Namespace', namespace: '', name };
  const refusal = input.refusalOf(key);
  return [
    {
      phase: 'PreSync',
      wave: first?.phase === 'PreSync' ? first.wave : 0,
      action: 'create-namespace',
      apiVersion: 'v1',
      key,
      ...(refusal === undefined ? {} : { problem: `${formatKey(key)}: ${refusal}` }),
      strategy: 'server-side',
      changed: !input.namespaceExists,
      ...(managed === undefined ? {} : { namespaceMetadata: managed }),
    },
  ];
}

/** Appends tasks as steps, group after group, and returns the groups. */
function placeGroups(tasks: readonly Task[], steps: PlanStep[], gate: SyncGate): PlanGroup[] {
  const groups: PlanGroup[] = [];
  let rest = tasks;
  for (let [first] = rest; first !== undefined; [first] = rest) {
    const { phase, wave } = first;
    const members = rest.filter((task) => task.phase === phase && task.wave === wave);
    rest = rest.filter((task) => task.phase !== phase || task.wave !== wave);
    const hasHooks = members.some((task) => task.action === 'create-hook');
    // A namespace can be written into as soon as it is there.
    const ready = members.every((task) => task.action === 'create-namespace');
    const placed = placeSteps(members, steps, gate);
    const approval = placed.filter((step) => step.needsApproval).map(({ step }) => step);
    groups.push({
      phase,
      wave,
      first: steps.length - placed.length,
      count: placed.length,
      settle: (rest.length > 0 && !ready) || hasHooks || gate === 'all',
      ...(approval.length === 0 ? {} : { approval }),
    });
  }
  return groups;
}

/** Deletions come first and together; after them each run of one kind is a batch. Answers with what it appended. */
function placeSteps(members: readonly Task[], steps: PlanStep[], gate: SyncGate): PlanStep[] {
  const first = steps.length;
  const deletions = members.filter(isDeletion);
  const writes = members.filter((task) => !isDeletion(task));
  let batch = deletions.length > 0 ? 0 : -1;
  for (const { manifest: _, problem: _none, ...task } of deletions)
    steps.push({ step: steps.length, batch, ...task });
  let previous: ResourceKey | undefined;
  for (const { manifest: _, problem: _none, ...task } of writes) {
    if (previous?.kind !== task.key.kind || previous.group !== task.key.group) batch++;
    previous = task.key;
    const awaited = gate === 'all' && isApplication(task.key) ? ({ awaited: true } as const) : {};
    steps.push({ step: steps.length, batch, ...task, ...awaited });
  }
  return steps.slice(first);
}

function isDeletion(task: Task): boolean {
  return task.action === 'prune' || task.action === 'skip-prune';
}
