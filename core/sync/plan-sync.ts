import type { Issue } from '../issue.ts';
import { isFields } from '../object/check-manifest.ts';
import type { ResourceKey } from '../object/key.ts';
import { parseSyncOptions } from './options.ts';
import { compareSteps } from './order.ts';
import { type PlanGroup, type PlanStep, planSchemaVersion, type SyncPlan } from './plan.ts';
import { optionsInForce, type PlanInput, type SyncGate } from './plan-input.ts';
import { buildTasks, type Task } from './plan-tasks.ts';
import { isCustomResourceDefinition } from './tracking.ts';

export type { DesiredObject, LiveObject, PlanInput } from './plan-input.ts';

/** A plan with what people should know about it, or why there is none. */
export type PlanResult =
  | { readonly plan: SyncPlan; readonly warnings: readonly string[]; readonly issues?: never }
  | { readonly issues: readonly Issue[]; readonly plan?: never; readonly warnings?: never };

/** Decides a sync in full: which objects are written, created as hooks or deleted, in which order and batches. */
export function planSync(input: PlanInput): PlanResult {
  const { tasks, warnings, issues } = buildTasks(input);
  if (issues.length > 0) return { issues };
  const sorted = liftDefinitions(liftNamespaces([...tasks].sort(compareSteps)));
  const ordered = [...namespaceTask(input, sorted), ...sorted];
  const main = ordered.filter((task) => task.phase !== 'SyncFail');
  const failing = ordered.filter((task) => task.phase === 'SyncFail');
  const steps: PlanStep[] = [];
  const groups = placeGroups(main, steps, input.gate);
  const failureGroups = placeGroups(failing, steps, input.gate);
  return { plan: { schemaVersion: planSchemaVersion, steps, groups, failureGroups }, warnings };
}

/** The step that makes the destination namespace, in front of everything, where it is asked for and missing. */
function namespaceTask(input: PlanInput, tasks: readonly Task[]): Task[] {
  const name = input.application.destinationNamespace;
  const wanted = parseSyncOptions(optionsInForce(input)).createNamespace && name !== '';
  if (!wanted || input.namespaceExists) return [];
  const defined = input.desired.some(
    ({ manifest }) =>
      manifest.apiVersion === 'v1' && manifest.kind === 'Namespace' && manifest.metadata.name === name,
  );
  if (defined) return [];
  const [first] = tasks;
  return [
    {
      phase: 'PreSync',
      wave: first?.phase === 'PreSync' ? first.wave : 0,
      action: 'create-namespace',
      apiVersion: 'v1',
      key: { group: '', kind: 'Namespace', namespace: '', name },
      strategy: 'server-side',
      changed: true,
    },
  ];
}

function liftNamespaces(tasks: readonly Task[]): Task[] {
  const isNamespace = (key: ResourceKey): boolean => key.group === '' && key.kind === 'Namespace';
  return lift(
    tasks,
    ({ key }) => (isNamespace(key) ? key.name : undefined),
    ({ key }) => key.namespace || undefined,
  );
}

function liftDefinitions(tasks: readonly Task[]): Task[] {
  return lift(tasks, definedKind, ({ key }) => `${key.group}/${key.kind}`);
}

/** The kind that a CRD brings, as `group/Kind`. */
function definedKind({ manifest }: Task): string | undefined {
  if (manifest === undefined || !isCustomResourceDefinition(manifest)) return undefined;
  const spec = manifest['spec'];
  if (!isFields(spec) || !isFields(spec['names'])) return undefined;
  const { group } = spec;
  const { kind } = spec['names'];
  return typeof group === 'string' && typeof kind === 'string' ? `${group}/${kind}` : undefined;
}

/**
 * Moves an object that others depend on in front of the first of them. It takes over the phase and wave of that
 * first user, because a user in an earlier wave could not be written without it.
 */
function lift(
  tasks: readonly Task[],
  provides: (task: Task) => string | undefined,
  needs: (task: Task) => string | undefined,
): Task[] {
  const result: Task[] = [];
  const firstUser = new Map<string, Task>();
  // A hook that runs in several phases provides its object more than once; only the first one is needed early.
  const present = new Set<string>();
  for (const task of tasks) {
    if (task.manifest === undefined) {
      result.push(task);
      continue;
    }
    const provided = provides(task);
    const user = provided === undefined || present.has(provided) ? undefined : firstUser.get(provided);
    if (provided !== undefined) present.add(provided);
    if (user !== undefined) {
      result.splice(result.indexOf(user), 0, { ...task, phase: user.phase, wave: user.wave });
      continue;
    }
    result.push(task);
    const needed = provided === undefined ? needs(task) : undefined;
    if (needed !== undefined && !firstUser.has(needed)) firstUser.set(needed, task);
  }
  return result;
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
    const placed = placeSteps(members, steps);
    const approval = placed.filter((step) => step.needsApproval).map(({ step }) => step);
    groups.push({
      phase,
      wave,
      first: steps.length - placed.length,
      count: placed.length,
      settle: rest.length > 0 || hasHooks || gate === 'all',
      ...(approval.length === 0 ? {} : { approval }),
    });
  }
  return groups;
}

/** Deletions come first and together; after them each run of one kind is a batch. Answers with what it appended. */
function placeSteps(members: readonly Task[], steps: PlanStep[]): PlanStep[] {
  const first = steps.length;
  const deletions = members.filter(isDeletion);
  const writes = members.filter((task) => !isDeletion(task));
  let batch = deletions.length > 0 ? 0 : -1;
  for (const { manifest: _, ...task } of deletions) steps.push({ step: steps.length, batch, ...task });
  let previous: ResourceKey | undefined;
  for (const { manifest: _, ...task } of writes) {
    if (previous?.kind !== task.key.kind || previous.group !== task.key.group) batch++;
    previous = task.key;
    steps.push({ step: steps.length, batch, ...task });
  }
  return steps.slice(first);
}

function isDeletion(task: Task): boolean {
  return task.action === 'prune' || task.action === 'skip-prune';
}
