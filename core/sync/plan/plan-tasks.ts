import { keyId } from '../../object/key.ts';
import { type DefinedKind, definedKinds, kindId } from '../../object/manifest/definition.ts';
import { type Manifest, versionOf } from '../../object/manifest/manifest.ts';
import { isSelected } from '../operation/selection.ts';
import {
  freeHookKey,
  hookDeletePolicies,
  hookName,
  hookPhases,
  isHook,
  isSkipHook,
} from '../options/hook.ts';
import {
  applyStrategy,
  hasObjectOption,
  isForced,
  isMigrated,
  isValidated,
  parseSyncOptions,
  type SyncOptions,
} from '../options/options.ts';
import { waveOf } from '../options/wave.ts';
import { sharedResources } from '../tracking/shared.ts';
import { chooseDesired, type Named, titleOf } from './desired-set.ts';
import type { ApplyStrategy } from './plan.ts';
import { type DesiredObject, type LiveObject, optionsInForce, type PlanInput } from './plan-input.ts';
import { pruneTasks, schedulePrunes } from './plan-prunes.ts';
import type { Task } from './task.ts';

/** Tasks in no particular order, with what people should know about them. */
export type TaskList = {
  readonly tasks: readonly Task[];
  readonly warnings: readonly string[];
  /** Objects that other applications have too, by key; filled only where that is a reason to refuse. */
  readonly shared: ReadonlyMap<string, string>;
};

/** Decides what is done with each object, and in which phase and wave; the order comes later. */
export function buildTasks(input: PlanInput): TaskList {
  const options = parseSyncOptions(optionsInForce(input));
  const { kept, spared, findings } = chooseDesired(input.desired, input.application.destinationNamespace);
  const live = new Map(input.live.map((object) => [keyId(object.key), object]));
  const shared = sharedResources(
    kept.map(({ key }) => key),
    (key) => live.get(keyId(key)),
    input.application,
  );
  const context: Context = {
    input,
    options,
    live,
    defined: definedKinds(kept.map(({ manifest }) => manifest)),
  };
  const applied = [...applyTasks(kept, context), ...hookTasks(kept, context)];
  const pruned = pruneTasks([...kept.map(({ key }) => key), ...spared], input, options);
  return {
    tasks: [...applied, ...schedulePrunes(pruned, applied)],
    warnings: [...findings.map(({ message }) => message), ...shared.values()],
    shared: options.failOnSharedResource ? shared : new Map(),
  };
}

type Context = {
  readonly input: PlanInput;
  readonly options: SyncOptions;
  readonly live: ReadonlyMap<string, LiveObject>;
  readonly defined: ReadonlyMap<string, DefinedKind>;
};

type NamedObject = Named<DesiredObject>;

/** What keeps an object from being written, each with its remedy. */
function problemsOf(object: NamedObject, { input, options, defined }: Context): { problem?: string } {
  const { key, manifest, namespaced } = object;
  const problems: string[] = [];
  if (key.name === '' && !isHook(manifest)) {
    const why = manifest.metadata.generateName ? 'only generateName, which only hooks can use' : 'no name';
    problems.push(`has ${why}; give it metadata.name`);
  }
  if (namespaced === true && key.namespace === '') {
    problems.push('has no namespace; set metadata.namespace or spec.destination.namespace');
  }
  const skips =
    options.skipDryRunOnMissingResource || hasObjectOption(manifest, 'SkipDryRunOnMissingResource=true');
  const kind = kindProblem(object, defined.get(kindId(key)));
  if (kind !== undefined && !skips) problems.push(kind);
  const refusal = input.refusalOf(key);
  if (refusal !== undefined) problems.push(refusal);
  return problems.length === 0 ? {} : { problem: `${titleOf(manifest, key)}: ${problems.join('; ')}` };
}

/** An unknown kind is fine while this sync brings its definition with the version that is asked for. */
function kindProblem(
  { manifest, unknownKind }: NamedObject,
  brought: DefinedKind | undefined,
): string | undefined {
  if (unknownKind === undefined || brought === undefined) return unknownKind;
  const version = versionOf(manifest.apiVersion);
  if (brought.versions.length === 0 || brought.versions.includes(version)) return undefined;
  return `${unknownKind}; the CustomResourceDefinition of this sync serves ${brought.versions.join(', ')}`;
}

function applyTasks(desired: readonly NamedObject[], context: Context): Task[] {
  const { input, options, live } = context;
  const tasks: Task[] = [];
  for (const object of desired) {
    const { manifest, digest, key } = object;
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
      ...writingOf(manifest, existing, input, options),
      ...(object.respects ? { respects: true } : {}),
      changed,
      manifest,
      ...(existing === undefined ? {} : { uid: existing.uid }),
      ...problemsOf(object, context),
    });
  }
  return tasks;
}

/** What of a write differs from the ordinary: force, and whose fields are taken over. */
function writingOf(
  manifest: Manifest,
  live: LiveObject | undefined,
  input: PlanInput,
  options: SyncOptions,
): Partial<Task> {
  const { formerManager } = input.application;
  const migrated = isMigrated(manifest, options);
  return {
    ...(isForced(manifest, live, input.request.force) ? { force: true } : {}),
    ...(isJudged(live, applyStrategy(manifest, live, options)) ? {} : { unchecked: true }),
    ...(migrated ? {} : { migrate: false }),
    ...(formerManager === undefined ? {} : { formerManager }),
    ...(migrated && live?.hasFormerManagers ? { takeOverFirst: true } : {}),
  };
}

/** A comparison asks for a server-side apply; it says nothing about other ways of writing what has changed. */
function isJudged(live: LiveObject | undefined, strategy: ApplyStrategy): boolean {
  if (live === undefined || live.unjudged) return false;
  return strategy === 'server-side' || !live.changed;
}

/** Hooks run only in a full sync with hooks: a selection or the apply strategy leaves them out. */
function hookTasks(desired: readonly NamedObject[], context: Context): Task[] {
  const { input, options, live } = context;
  if (input.request.strategy === 'apply' || input.request.resources.length > 0) return [];
  const tasks: Task[] = [];
  const taken = new Set<string>();
  for (const object of desired) {
    const { manifest, digest, key: written } = object;
    for (const phase of hookPhases(manifest)) {
      const name = hookName(manifest, { phase, ...input.operation });
      const key = written.name === '' ? freeHookKey({ ...written, name }, taken) : written;
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
        unchecked: true,
        changed: true,
        manifest,
        ...(existing === undefined ? {} : { uid: existing.uid }),
        ...problemsOf(object, context),
      });
    }
  }
  return tasks;
}
