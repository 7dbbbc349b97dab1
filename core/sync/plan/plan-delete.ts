import { hookFinalizers } from '../../object/annotations.ts';
import { keyId, type ResourceKey } from '../../object/key.ts';
import { isDefinitionKey } from '../../object/manifest/definition.ts';
import type { ObjectRefusal } from '../../project/rules/refusal.ts';
import { deletionHookPhases, freeHookKey, hookDeletePolicies, hookName } from '../options/hook.ts';
import { deleteChoice, isValidated, parseSyncOptions } from '../options/options.ts';
import { waveOf } from '../options/wave.ts';
import type { Tracking } from '../tracking/tracking.ts';
import type { Cascade } from '../walk/deletion.ts';
import { keptNote, whyNotOurs } from '../walk/judge-delete.ts';
import { compareSteps } from './order.ts';
import { type PlanGroup, type PlanStep, planSchemaVersion, type SyncPlan } from './plan.ts';
import { type DesiredObject, desiredKey, type LiveObject } from './plan-input.ts';
import { questionOf } from './plan-prunes.ts';

/** Everything that a deletion depends on. */
export type DeleteInput = {
  /** Objects that are tracked as the application's. */
  readonly live: readonly LiveObject[];
  /** Rendered objects, of which the hooks of a deletion are taken. */
  readonly desired: readonly DesiredObject[];
  readonly application: {
    readonly name: string;
    readonly namespace: string;
    readonly instance: string;
    readonly destinationNamespace: string;
    readonly syncOptions: readonly string[];
    readonly tracking: Tracking;
  };
  readonly cascade: Cascade;
  /** Why the application's project keeps it from an object: such a one stays. */
  readonly refusalOf: ObjectRefusal;
  /** Leaves out the PreDelete hooks, which an earlier deletion has run. */
  readonly skipPreDelete: boolean;
  /** Runs the hooks although nothing else goes. */
  readonly hooksAlone?: boolean;
  /** What generated names of hooks are made of. */
  readonly operation: { readonly startedAtUnix: number; readonly revision: string };
};

type Task = Omit<PlanStep, 'step' | 'batch'>;

/**
 * Decides the deletion of an application's objects: PreDelete hooks, then the highest wave first, each wave waited
 * for until its objects are gone, then PostDelete hooks. Without cascade there is nothing to do: hooks that take
 * things down have no place where the objects stay, unless they are asked for by themselves.
 */
export function planDelete(input: DeleteInput): SyncPlan {
  const keeps = input.cascade === 'none';
  if (keeps && input.hooksAlone !== true) return planOf([]);
  const hooks = hookTasks(input).filter(({ phase }) => phase !== 'PreDelete' || !input.skipPreDelete);
  const created = new Set(hooks.map(({ key }) => keyId(key)));
  const before = hooks.filter(({ phase }) => phase === 'PreDelete').sort(compareSteps);
  const after = hooks.filter(({ phase }) => phase === 'PostDelete').sort(compareSteps);
  const deletions = (keeps ? [] : input.live)
    .filter((object) => isOurs(object, input) && !created.has(keyId(object.key)))
    .map((object) => deletionTask(object, input))
    .sort((a, b) => b.wave - a.wave || compareSteps(a, b));
  return planOf([...before, ...deletions, ...after]);
}

/** Objects that should go with the application and that a plan of its deletion doesn't know. */
export function leftovers(
  input: Pick<DeleteInput, 'live' | 'application' | 'refusalOf'>,
  plan: Pick<SyncPlan, 'steps'>,
): readonly ResourceKey[] {
  const options = parseSyncOptions(input.application.syncOptions);
  const known = new Set(plan.steps.filter((step) => step.action !== 'prune').map(({ key }) => keyId(key)));
  return input.live
    .filter((object) => isOurs(object, input) && keptNote(object, options) === undefined)
    .map(({ key }) => key)
    .filter((key) => !known.has(keyId(key)) && input.refusalOf(key) === undefined);
}

/** Hooks of the application that run around its deletion. */
function hookTasks({ desired, application, operation }: DeleteInput): Task[] {
  const options = parseSyncOptions(application.syncOptions);
  const taken = new Set<string>();
  return desired.flatMap((object) =>
    deletionHookPhases(object.manifest).map((phase): Task => {
      const { manifest, digest } = object;
      const written = desiredKey(object, application.destinationNamespace);
      const name = hookName(manifest, { phase, ...operation });
      return {
        phase,
        wave: waveOf(manifest),
        action: 'create-hook',
        apiVersion: manifest.apiVersion,
        key: written.name === '' ? freeHookKey({ ...written, name }, taken) : written,
        digest,
        strategy: 'create',
        validate: isValidated(manifest, options),
        deletePolicies: hookDeletePolicies(manifest),
        changed: true,
      };
    }),
  );
}

function deletionTask(object: LiveObject, input: DeleteInput): Task {
  const options = parseSyncOptions(input.application.syncOptions);
  const { key, uid, apiVersion } = object;
  const refusal = input.refusalOf(key);
  const note = keptNote(object, options) ?? (refusal === undefined ? undefined : `kept (${refusal})`);
  const place = { phase: 'Delete', wave: waveOf(object), apiVersion, key, uid } as const;
  if (note !== undefined) return { ...place, action: 'skip-prune', changed: false, note };
  const held = (object.metadata.finalizers ?? []).some((finalizer) => hookFinalizers.has(finalizer));
  return {
    ...place,
    action: 'prune',
    propagationPolicy: input.cascade === 'background' ? 'background' : 'foreground',
    changed: true,
    ...(held ? { release: true } : {}),
    ...questionOf(object, deleteChoice(object, options)),
  };
}

function isOurs(object: LiveObject, { application }: Pick<DeleteInput, 'application'>): boolean {
  return (
    whyNotOurs(object, application) === undefined &&
    // A definition is shared by all who use its kind, and takes all objects of that kind with it.
    !isDefinitionKey(object.key) &&
    !isApplicationItself(object.key, application)
  );
}

function isApplicationItself(key: ResourceKey, application: DeleteInput['application']): boolean {
  return (
    key.group === 'argoproj.io' &&
    key.kind === 'Application' &&
    key.name === application.name &&
    key.namespace === application.namespace
  );
}

function planOf(tasks: readonly Task[]): SyncPlan {
  const steps: PlanStep[] = [];
  const groups: PlanGroup[] = [];
  for (const task of tasks) {
    const before = steps.at(-1);
    const group = groups.at(-1);
    const same = group !== undefined && group.phase === task.phase && group.wave === task.wave;
    if (same) groups[groups.length - 1] = { ...group, count: group.count + 1 };
    else {
      const { phase, wave } = task;
      groups.push({ phase, wave, first: steps.length, count: 1, settle: true });
    }
    const step = steps.length;
    steps.push({ step, batch: same && before !== undefined ? nextBatch(before, task) : 0, ...task });
  }
  return { schemaVersion: planSchemaVersion, steps, groups, failureGroups: [] };
}

/** Deletions of a wave go together; hooks of one kind do, the next kind after them. */
function nextBatch(before: PlanStep, task: Task): number {
  const together =
    task.action !== 'create-hook' ||
    (before.key.kind === task.key.kind && before.key.group === task.key.group);
  return together ? before.batch : before.batch + 1;
}
