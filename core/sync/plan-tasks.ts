import type { Issue } from '../issue.ts';
import { formatKey, keyId, type ResourceKey } from '../object/key.ts';
import type { Manifest } from '../object/manifest.ts';
import { hookDeletePolicies, hookName, hookPhases, isHook, isSkipHook } from './hook.ts';
import type { SelectedResource } from './operation.ts';
import {
  applyStrategy,
  isPrunedLast,
  isValidated,
  parseSyncOptions,
  pruneChoice,
  type SyncOptions,
} from './options.ts';
import type { PlanStep } from './plan.ts';
import {
  type DesiredObject,
  desiredKey,
  type LiveObject,
  optionsInForce,
  type PlanInput,
} from './plan-input.ts';
import { isSelfReferenced, ownerOf } from './tracking.ts';
import { mirrorWaves, waveOf } from './wave.ts';

/** A step that has no place in the plan yet. */
export type Task = Omit<PlanStep, 'step' | 'batch'> & {
  /** Absent for prunes. */
  readonly manifest?: Manifest;
};

/** Tasks in no particular order, with what people should know about them. */
export type TaskList = {
  readonly tasks: readonly Task[];
  readonly warnings: readonly string[];
  readonly issues: readonly Issue[];
};

type Named = DesiredObject & { readonly key: ResourceKey };

/** Decides what is done with each object, and in which phase and wave; the order comes later. */
export function buildTasks(input: PlanInput): TaskList {
  const options = parseSyncOptions(optionsInForce(input));
  const named = input.desired.map(
    (desired): Named => ({ ...desired, key: desiredKey(desired, input.application.destinationNamespace) }),
  );
  const { kept, warnings } = dropRepeats(named);
  const live = new Map(input.live.map((object) => [keyId(object.key), object]));
  const issues: Issue[] = kept.flatMap((desired) => checkDesired(desired));
  const shared = sharedWarnings(kept, live, input);
  if (options.failOnSharedResource) {
    issues.push(...shared.map((warning) => ({ path: '', message: `Shared resource found: ${warning}` })));
  }
  const applied = [...applyTasks(kept, live, input, options), ...hookTasks(kept, live, input, options)];
  const pruned = pruneTasks(kept, input, options);
  return {
    tasks: [...applied, ...placePrunes(pruned, applied)],
    warnings: [...warnings, ...shared],
    issues,
  };
}

/** Keeps the last of several objects with one key; objects without a name yet never collide. */
function dropRepeats(desired: readonly Named[]): { kept: Named[]; warnings: string[] } {
  const counts = new Map<string, number>();
  const last = new Map<string, Named>();
  for (const object of desired) {
    const id = keyId(object.key);
    counts.set(id, (counts.get(id) ?? 0) + 1);
    last.set(id, object);
  }
  const kept = desired.filter((object) => object.key.name === '' || last.get(keyId(object.key)) === object);
  const warnings = [...counts]
    .filter(([id, count]) => count > 1 && last.get(id)?.key.name !== '')
    .map(([id, count]) => `Resource ${id} appeared ${count} times among application resources.`);
  return { kept, warnings };
}

function checkDesired({ key, manifest, namespaced }: Named): Issue[] {
  const issues: Issue[] = [];
  const path = formatKey({ ...key, name: key.name || `${manifest.metadata.generateName ?? ''}*` });
  if (key.name === '' && !isHook(manifest)) {
    issues.push({ path, message: 'has only generateName, which only hooks can use; give it metadata.name' });
  }
  if (namespaced === true && key.namespace === '') {
    issues.push({
      path,
      message: 'has no namespace; set metadata.namespace or spec.destination.namespace',
    });
  }
  return issues;
}

function sharedWarnings(
  desired: readonly Named[],
  live: ReadonlyMap<string, LiveObject>,
  input: PlanInput,
): string[] {
  const { instance, tracking } = input.application;
  const warnings: string[] = [];
  for (const { key } of desired) {
    const object = live.get(keyId(key));
    const owner = object === undefined ? undefined : ownerOf(object, tracking);
    if (owner === undefined || owner === instance) continue;
    warnings.push(`${key.kind}/${key.name} is part of applications ${instance} and ${owner}`);
  }
  return warnings;
}

/** Whether a request covers an object; a request that names none covers all. */
export function isSelected(key: ResourceKey, selected: readonly SelectedResource[]): boolean {
  if (selected.length === 0) return true;
  return selected.some(
    (wanted) =>
      wanted.group === key.group &&
      wanted.kind === key.kind &&
      wanted.name === key.name &&
      (!wanted.namespace || wanted.namespace === key.namespace),
  );
}

function applyTasks(
  desired: readonly Named[],
  live: ReadonlyMap<string, LiveObject>,
  input: PlanInput,
  options: SyncOptions,
): Task[] {
  const tasks: Task[] = [];
  for (const { manifest, digest, key } of desired) {
    if (isHook(manifest) || isSkipHook(manifest) || !isSelected(key, input.request.resources)) continue;
    const existing = live.get(keyId(key));
    const changed = existing?.changed ?? true;
    if (options.applyOutOfSyncOnly && !changed) continue;
    tasks.push({
      phase: 'Sync',
      wave: waveOf(manifest),
      action: 'apply',
      apiVersion: manifest.apiVersion,
      key,
      digest,
      strategy: applyStrategy(manifest, existing, options),
      validate: isValidated(manifest, options),
      changed,
      manifest,
      ...(existing === undefined ? {} : { uid: existing.uid }),
    });
  }
  return tasks;
}

/** Hooks run only in a full sync with hooks: a selection or the apply strategy leaves them out. */
function hookTasks(
  desired: readonly Named[],
  live: ReadonlyMap<string, LiveObject>,
  input: PlanInput,
  options: SyncOptions,
): Task[] {
  if (input.request.strategy === 'apply' || input.request.resources.length > 0) return [];
  const tasks: Task[] = [];
  const taken = new Set<string>();
  for (const { manifest, digest, key: written } of desired) {
    for (const phase of hookPhases(manifest)) {
      const name = hookName(manifest, { phase, ...input.operation });
      const key = written.name === '' ? freeKey({ ...written, name }, taken) : written;
      const existing = live.get(keyId(key));
      tasks.push({
        phase,
        wave: waveOf(manifest),
        action: 'create-hook',
        apiVersion: manifest.apiVersion,
        key,
        digest,
        strategy: 'create',
        validate: isValidated(manifest, options),
        deletePolicies: hookDeletePolicies(manifest),
        changed: true,
        manifest,
        ...(existing === undefined ? {} : { uid: existing.uid }),
      });
    }
  }
  return tasks;
}

/** Two hooks with one generateName would get one name; the later ones are numbered. */
function freeKey(key: ResourceKey, taken: Set<string>): ResourceKey {
  let free = key;
  for (let number = 2; taken.has(keyId(free)); number++) free = { ...key, name: `${key.name}-${number}` };
  taken.add(keyId(free));
  return free;
}

type Prune = { readonly task: Task; readonly last: boolean };

function pruneTasks(desired: readonly Named[], input: PlanInput, options: SyncOptions): Prune[] {
  const wanted = new Set(desired.map(({ key }) => keyId(key)));
  const prunes: Prune[] = [];
  for (const live of input.live) {
    if (wanted.has(keyId(live.key)) || !isPrunable(live, input)) continue;
    const note = pruneNote(live, input, options);
    const asks = note === undefined && !input.request.dryRun && pruneChoice(live, options) === 'confirm';
    prunes.push({
      last: isPrunedLast(live, options),
      task: {
        phase: 'Sync',
        wave: waveOf(live),
        action: note === undefined ? 'prune' : 'skip-prune',
        apiVersion: live.apiVersion,
        key: live.key,
        propagationPolicy: options.propagationPolicy,
        changed: true,
        uid: live.uid,
        ...(asks ? { needsApproval: true as const } : {}),
        ...(note === undefined ? {} : { note }),
      },
    });
  }
  return prunes;
}

/** Only an ordinary object that says itself that it is ours, and that nothing else owns, may go. */
function isPrunable(live: LiveObject, input: PlanInput): boolean {
  const { instance, tracking } = input.application;
  return (
    ownerOf(live, tracking) === instance &&
    isSelfReferenced(live, tracking) &&
    (live.metadata.ownerReferences ?? []).length === 0 &&
    !isHook(live) &&
    !isSkipHook(live) &&
    isSelected(live.key, input.request.resources)
  );
}

/** Why an object stays although it should go, in the reference's words; undefined when it goes. */
function pruneNote(live: LiveObject, input: PlanInput, options: SyncOptions): string | undefined {
  if (!input.request.prune) return 'ignored (requires pruning)';
  return pruneChoice(live, options) === 'no' ? 'ignored (no prune)' : undefined;
}

/** Gives prunes their waves: mirrored, and those that go last behind every other wave of the Sync phase. */
function placePrunes(prunes: readonly Prune[], applied: readonly Task[]): Task[] {
  const mirrored = mirrorWaves(prunes.map(({ task }) => task.wave));
  const placed = prunes.map(({ task, last }) => ({
    last,
    task: { ...task, wave: mirrored.get(task.wave) ?? task.wave },
  }));
  const waves = [...applied, ...placed.map(({ task }) => task)]
    .filter((task) => task.phase === 'Sync')
    .map((task) => task.wave);
  const lastWave = Math.max(0, ...waves) + 1;
  return placed.map(({ task, last }) => (last ? { ...task, wave: lastWave } : task));
}
