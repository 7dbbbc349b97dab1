import { assertNever, KeelsonError, ObjectError } from '../../core/errors.ts';
import { installationIdAnnotation, trackingIdAnnotation } from '../../core/object/annotations.ts';
import {
  formerManagers,
  keelsonManager,
  ownFormerManagers,
  updateManager,
} from '../../core/object/managers.ts';
import { isFields } from '../../core/object/manifest/check-manifest.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { ownField } from '../../core/own-field.ts';
import type { ApplyStrategy } from '../../core/sync/plan/plan.ts';
import type { WriteOptions } from '../request/calls.ts';
import type { ClusterClient } from '../request/client.ts';
import { applyClientSide, tryMerge } from './client-side-apply.ts';
import {
  curesRefusal,
  isInvalid,
  isRecreatable,
  recreateObject,
  tryRecreation,
  type WhyNotRecreated,
} from './recreate-object.ts';
import { replaceObject } from './replace-object.ts';
import { applyServerSide } from './server-side-apply.ts';

export type ApplyObjectOptions = {
  readonly strategy: ApplyStrategy;
  /** Refuses unknown and duplicate fields; otherwise those are dropped. */
  readonly validate: boolean;
  /** Deletes the object and creates it anew where the API server refuses to change it; always when replacing. */
  readonly force: boolean;
  /** False leaves fields that other tools applied where they are, even if nobody desires them any more. */
  readonly migrate?: boolean | undefined;
  /** One more manager whose fields are taken over. */
  readonly formerManager?: string | undefined;
  /**
   * Whether what the creation of a hook wrote stays: it holds what the API server added, such as a Job's selector, and
   * may not go while the object stays the hook that it was.
   */
  readonly staysHook?: boolean | undefined;
  /** Whether the object is known to have fields of former managers; spares a second change of it. */
  readonly takeOverFirst?: boolean | undefined;
  /** Uid of the object that was to be changed: a forced replacement does not recreate our successor of it once more. */
  readonly uid?: string | undefined;
  /** Why the live object may not be deleted to be created anew; asked before it is. */
  readonly whyNotRecreated?: WhyNotRecreated | undefined;
  /** The state of the object that the manifest was made for; another one is a conflict that may pass. */
  readonly resourceVersion?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** What a write did, where its kind tells. */
export type WriteEffect = 'applied' | 'configured' | 'created' | 'recreated' | 'replaced' | 'unchanged';

export type Applied = {
  readonly object: Manifest;
  /** The strategy that worked in the end. */
  readonly strategy: ApplyStrategy;
  readonly effect: WriteEffect;
  /** Former managers whose fields are ours now. */
  readonly tookOver: readonly string[];
  /** What people should know, such as fields that were dropped. */
  readonly notes: readonly string[];
};

/**
 * Writes one object by the strategy its plan chose. What only server-side apply refuses is merged on our side instead;
 * what can't be changed in place is recreated where that is allowed.
 */
export async function applyObject(
  client: ClusterClient,
  manifest: Manifest,
  options: ApplyObjectOptions,
): Promise<Applied> {
  const call = callOf(options);
  const applied = await applyOrRecreate(client, manifest, options, call);
  if (applied.object.metadata.deletionTimestamp !== undefined && call.dryRun !== true) {
    const holders = (applied.object.metadata.finalizers ?? []).join(', ') || 'its grace period';
    const message = `is being deleted (held by ${holders}); it is created anew once it is gone`;
    throw new ObjectError('conflict', keyOf(manifest), message, { retryable: true });
  }
  return applied;
}

async function applyOrRecreate(
  client: ClusterClient,
  manifest: Manifest,
  options: ApplyObjectOptions,
  call: WriteOptions,
): Promise<Applied> {
  const { force, strategy } = options;
  if (force && strategy === 'replace' && isRecreatable(manifest)) {
    if (call.dryRun !== true) return await recreateOnce(client, manifest, options, call);
    await tryRecreation(client, manifest, options);
  }
  try {
    return await write(client, manifest, options, call);
  } catch (error) {
    if (!(await curesRefusal(client, manifest, error, { force, call }))) throw error;
    return await recreate(client, manifest, options, call);
  }
}

async function recreate(
  client: ClusterClient,
  manifest: Manifest,
  options: ApplyObjectOptions,
  call: WriteOptions,
): Promise<Applied> {
  const done = { strategy: options.strategy, effect: 'recreated', tookOver: [], notes: [] } as const;
  if (call.dryRun === true) {
    await tryRecreation(client, manifest, options);
    return { ...done, object: manifest };
  }
  const anew = { ...call, resourceVersion: undefined };
  const create = async (): Promise<Manifest> => (await write(client, manifest, options, anew)).object;
  const { whyNotRecreated } = options;
  const object = await recreateObject(client, manifest, create, { whyNotRecreated, signal: call.signal });
  return { ...done, object };
}

/** Recreates the object that the plan saw; one that has taken its place already was made by an earlier run of the step. */
async function recreateOnce(
  client: ClusterClient,
  manifest: Manifest,
  options: ApplyObjectOptions,
  call: WriteOptions,
): Promise<Applied> {
  const live = await client.get(manifest.apiVersion, keyOf(manifest), { signal: call.signal });
  const uid = live?.metadata.uid;
  if (live === undefined || uid === options.uid || !isMadeOf(live, manifest)) {
    return await recreate(client, manifest, options, call);
  }
  return { object: live, strategy: 'replace', effect: 'recreated', tookOver: [], notes: [] };
}

/** Whether an object was replaced by a manifest's own application; other installations write under the same name. */
function isMadeOf({ metadata }: Manifest, manifest: Manifest): boolean {
  const sameMarks = [trackingIdAnnotation, installationIdAnnotation].every(
    (mark) => ownField(metadata.annotations, mark) === ownField(manifest.metadata.annotations, mark),
  );
  const replaced = (metadata.managedFields ?? []).some(
    (entry) => isFields(entry) && entry['manager'] === updateManager,
  );
  return sameMarks && replaced;
}

async function write(
  client: ClusterClient,
  manifest: Manifest,
  options: ApplyObjectOptions,
  call: WriteOptions,
): Promise<Applied> {
  const { strategy } = options;
  const plain = { strategy, tookOver: [], notes: [] };
  switch (strategy) {
    case 'server-side':
      return await applyOrMerge(client, manifest, options, call);
    case 'client-side':
      return {
        ...plain,
        ...(await applyClientSide(client, manifest, {
          ...call,
          annotate: true,
          owners: { formerManagers: formerManagersOf(options) },
        })),
      };
    case 'replace':
    case 'create':
      return { ...plain, ...(await replaceObject(client, manifest, call)) };
    default:
      return assertNever(strategy);
  }
}

/** Server-side apply, or where only that refuses the object, a merge on our side. */
async function applyOrMerge(
  client: ClusterClient,
  manifest: Manifest,
  options: ApplyObjectOptions,
  call: WriteOptions,
): Promise<Applied> {
  const managers = formerManagersOf(options);
  const takeOverFirst = options.takeOverFirst ?? false;
  try {
    const applied = await applyServerSide(client, manifest, { ...call, managers, takeOverFirst });
    return { ...applied, strategy: 'server-side', effect: 'applied' };
  } catch (error) {
    const known = reasonToMerge(error, options.validate);
    const note = known ?? (await whyOnlyMerge(client, manifest, error, { managers, call }));
    if (note === undefined) throw error;
    const merged = await applyClientSide(client, manifest, {
      ...call,
      annotate: false,
      owners: { formerManagers: managers },
    });
    return { ...merged, strategy: 'client-side', tookOver: [], notes: [note] };
  }
}

/**
 * Why an object whose values were refused is merged: the API server takes it that way. Server-side apply leaves what was
 * filled in for the former arm of a union (`rollingUpdate` beside `Recreate`), and makes null of a map that is emptied.
 */
async function whyOnlyMerge(
  client: ClusterClient,
  manifest: Manifest,
  error: unknown,
  { managers, call }: { readonly managers: readonly string[]; readonly call: WriteOptions },
): Promise<string | undefined> {
  if (!isInvalid(error)) return undefined;
  const live = await client.get(manifest.apiVersion, keyOf(manifest), { signal: call.signal });
  if (live === undefined) return undefined;
  const owners = { formerManagers: managers };
  try {
    await tryMerge(client, manifest, live, { ...call, manager: keelsonManager, owners });
  } catch (refusal) {
    // Safe: the first refusal is the one that is told.
    if (!(refusal instanceof KeelsonError) || refusal.retryable) throw refusal;
    return undefined;
  }
  return 'merged on the client, as server-side apply would leave it with values that are not allowed';
}

/** Why an object that server-side apply refuses is merged instead; undefined where that would be refused too. */
function reasonToMerge(error: unknown, validate: boolean): string | undefined {
  if (!(error instanceof KeelsonError)) return undefined;
  const { misfit, fields } = error.details;
  if (misfit === 'duplicate-keys') {
    return 'merged on the client, as server-side apply refuses lists with repeated keys';
  }
  if (misfit === 'live-object') {
    return 'merged on the client, as server-side apply does not accept the live object';
  }
  if (misfit !== 'unknown-fields' || validate) return undefined;
  const named = fields === undefined ? 'fields' : `the fields ${fields}`;
  return `merged on the client and warning: the API server does not know ${named} and dropped what it does not know`;
}

/** Whose fields become ours; what we wrote ourselves in other ways does in any case. */
function formerManagersOf({ formerManager, migrate, staysHook }: ApplyObjectOptions): readonly string[] {
  if (staysHook === true) return formerManagers.filter((manager) => manager !== keelsonManager);
  if (migrate === false) return ownFormerManagers;
  return formerManager === undefined ? formerManagers : [...formerManagers, formerManager];
}

function callOf({ validate, resourceVersion, dryRun, signal }: ApplyObjectOptions): WriteOptions {
  return { fieldValidation: validate ? 'Strict' : 'Ignore', resourceVersion, dryRun, signal };
}
