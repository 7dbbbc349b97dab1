import { applyObject } from '../../cluster/apply/apply-object.ts';
import { isAlreadyThere } from '../../cluster/apply/client-side-apply.ts';
import { type DeletionOutcome, deleteJudged } from '../../cluster/apply/delete-object.ts';
import { untilGone } from '../../cluster/apply/until-gone.ts';
import type { ClusterClient, WriteOptions } from '../../cluster/request/client.ts';
import { KeelsonError, ObjectError } from '../../core/errors.ts';
import { hookFinalizers, hookResultFinalizer, stepAnnotation } from '../../core/object/annotations.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { PlanStep } from '../../core/sync/plan/plan.ts';
import { type Owner, trackedOf } from '../../core/sync/tracking/tracking.ts';
import { withoutTracking } from '../../core/sync/tracking/tracking-stamp.ts';
import {
  type Deletable,
  type DeleteVerdict,
  type HookObjectFate,
  hookObjectFate,
} from '../../core/sync/walk/judge-delete.ts';
import type { AttemptRef } from '../../workflows/messages.ts';
import { type Holder, holderOf, kubectlName, type StepContext, type StepOutcome, stored } from './step.ts';

/** A deletion that takes longer than this is a wait that people should see. */
const sayAfterMilliseconds = 1000;

/** The stamp that tells which step of which attempt made a hook object. */
export function hookStamp(ref: Pick<AttemptRef, 'operationId' | 'attempt'>, step: number): string {
  return `${ref.operationId}/${ref.attempt}/${step}`;
}

/** One hook on its way into the cluster. */
type Hook = {
  readonly step: PlanStep;
  readonly context: StepContext;
  readonly manifest: Manifest;
  readonly stamp: string;
  readonly owner: Owner;
};

/**
 * Creates a hook object, or adopts the one that this very step made before it died. What else has its name is deleted
 * where the hook's policy says so and nobody else has it; without that policy the hook is applied over it, as the
 * reference does.
 */
export async function createHook(step: PlanStep, context: StepContext): Promise<StepOutcome> {
  const { manifest } = context;
  if (manifest === undefined) throw new ObjectError('internal', step.key, 'hook has no manifest');
  const { owner } = await context.ground();
  const hook: Hook = { step, context, manifest, owner, stamp: hookStamp(context.ref, step.step) };
  return context.dryRun ? tryHook(hook) : bringHook(hook);
}

async function bringHook(hook: Hook): Promise<StepOutcome> {
  const { step, context } = hook;
  const { client, signal } = context;
  const live = await client.get(step.apiVersion, step.key, { signal });
  let replaced: string | undefined;
  if (live !== undefined) {
    const { fate, holder } = await fateOf(hook, trackedOf(live));
    if (fate === 'adopt') return outcome(step, live, 'adopted');
    if (fate === 'apply-over') return applyOver(hook, holder, false);
    if (fate === 'refuse') throw inTheWay(step, holder);
    const room = await makeRoom(hook);
    if (!room.free) return bringHook(hook);
    replaced = room.note;
  }
  try {
    const created = await client.create(stampHook(hook), callOf(hook));
    await context.created();
    return outcome(step, created, ['created', ...(replaced === undefined ? [] : [replaced])].join('; '));
  } catch (error) {
    // An earlier create whose answer was lost, or somebody else's: the next look tells which.
    if (isAlreadyThere(error)) return bringHook(hook);
    throw error;
  }
}

async function fateOf(
  { step, stamp, context }: Hook,
  live: Deletable,
): Promise<{ readonly fate: HookObjectFate; readonly holder: Holder }> {
  const holder = await holderOf(live, context);
  const { holding } = holder;
  return { fate: hookObjectFate(live, { stamp, holding, policies: step.deletePolicies ?? [] }), holder };
}

/** Whether a name is free, and what is to be said of what was deleted for that. */
type Room = { readonly free: boolean; readonly note?: string | undefined };

/** Waits until the name is free, deleting what may go; it is not where the object there has changed its lot. */
async function makeRoom(hook: Hook): Promise<Room> {
  let note: string | undefined;
  const deletion = await removeHook(hook.context.client, hook.step, async (live) => {
    const { fate, holder } = await fateOf(hook, live);
    note = fate === 'replace' ? holder.note : undefined;
    if (fate === 'replace') return { act: 'delete' };
    const leaves = fate === 'await' && holder.holding.by === 'application';
    return leaves ? { act: 'leave' } : { act: 'keep', reason: fate };
  });
  if (deletion.state === 'gone') return { free: true, note };
  if (deletion.state === 'kept' && deletion.live.metadata.deletionTimestamp === undefined)
    return { free: false };
  await waitUntilGone(hook, deletion.live.metadata.uid);
  return { free: true, note };
}

/** The refusal to delete what somebody else has under the name of a hook. */
function inTheWay({ key }: PlanStep, { holding }: Holder): ObjectError {
  const reason = holding.by === 'other' ? holding.reason : '';
  const message = `has the name of a hook that is made anew, and is not deleted for it: ${reason}; give the hook another name, or have the object deleted where it belongs`;
  return new ObjectError('precondition-failed', key, message);
}

/** Lets the API server judge a hook that a dry run does not create. */
async function tryHook(hook: Hook): Promise<StepOutcome> {
  const { step, context } = hook;
  const { client, signal } = context;
  try {
    await client.create(stampHook(hook), { ...callOf(hook), dryRun: true });
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
    const live = await client.get(step.apiVersion, step.key, { signal });
    if (live !== undefined) await tryOver(hook, live);
  }
  return { status: 'Synced', message: `${kubectlName(step.key)} is not run in a dry run` };
}

/** The same where the name is taken; what a real run deletes first is made anew there. */
async function tryOver(hook: Hook, live: Manifest): Promise<void> {
  const { fate, holder } = await fateOf(hook, trackedOf(live));
  if (fate === 'refuse') throw inTheWay(hook.step, holder);
  if (fate === 'apply-over') await applyOver(hook, holder, true);
}

/**
 * Writes a hook over an object that stays. What is our own from an earlier sync gets the stamp of this step, so that
 * its policy counts at the end. What somebody else made gets neither stamp nor tracking marks: with these the next
 * sync would take it for its own and delete it.
 */
async function applyOver(hook: Hook, { holding }: Holder, dryRun: boolean): Promise<StepOutcome> {
  const { step, context, owner } = hook;
  const own = holding.by === 'application';
  const manifest = own ? stampHook(hook) : withoutTracking(named(hook), owner);
  try {
    const { object } = await applyObject(context.client, manifest, {
      strategy: 'server-side',
      staysHook: true,
      validate: step.validate !== false,
      force: false,
      dryRun,
      signal: context.signal,
    });
    if (!dryRun) await context.created();
    const made = own ? 'from an earlier sync' : 'that this application has not made';
    return outcome(step, object, `applied; the object is one ${made}, and is not run anew`);
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.code !== 'immutable-field') throw error;
    const mayGo = holding.by !== 'other' && step.deletePolicies?.includes('BeforeHookCreation') !== true;
    const remedy = mayGo
      ? 'give the hook the delete policy BeforeHookCreation, so that the object is deleted and created anew'
      : 'give the hook another name';
    const message = `differs from the hook of its name in fields that can't change, and its hook may not delete it; ${remedy}`;
    throw new ObjectError(error.code, step.key, message, { cause: error });
  }
}

/** Deletes a hook object that the judgement lets go, and lets go of it. */
export async function removeHook(
  client: ClusterClient,
  step: PlanStep,
  judge: (live: Deletable) => DeleteVerdict | Promise<DeleteVerdict>,
): Promise<DeletionOutcome> {
  return deleteJudged(client, {
    apiVersion: step.apiVersion,
    key: step.key,
    propagationPolicy: 'background',
    judge,
    release: (live) => releaseHook(client, step, live),
  });
}

/**
 * Takes our finalizers off a hook object, so that whoever deletes it is not held up any more. Answers with the object
 * as it is then; undefined when it is gone or another has its name.
 */
export async function releaseHook(
  client: ClusterClient,
  step: Pick<PlanStep, 'apiVersion' | 'key'>,
  live: Manifest,
): Promise<Manifest | undefined> {
  const held = live.metadata.finalizers ?? [];
  const kept = held.filter((finalizer) => !hookFinalizers.has(finalizer));
  if (kept.length === held.length) return live;
  const { uid, resourceVersion } = live.metadata;
  const finalizers = kept.length === 0 ? null : kept;
  try {
    return await client.patch(
      step.apiVersion,
      step.key,
      { metadata: { uid, resourceVersion, finalizers } },
      'merge',
    );
  } catch (error) {
    if (!(error instanceof ObjectError) || !['not-found', 'conflict'].includes(error.code)) throw error;
    const now = await client.get(step.apiVersion, step.key);
    return now === undefined || now.metadata.uid !== uid ? undefined : releaseHook(client, step, now);
  }
}

/** The hook object as it is created: under the plan's final name, with its stamp, held by our finalizer. */
function stampHook(hook: Hook): Manifest {
  const manifest = named(hook);
  const { annotations, finalizers = [] } = manifest.metadata;
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      annotations: { ...annotations, [stepAnnotation]: hook.stamp },
      finalizers: [...finalizers, hookResultFinalizer],
    },
  };
}

function named({ manifest, step }: Hook): Manifest {
  const { generateName: _, ...metadata } = manifest.metadata;
  return { ...manifest, metadata: { ...metadata, name: step.key.name } };
}

function callOf({ step, context }: Hook): WriteOptions {
  return { fieldValidation: step.validate === false ? 'Ignore' : 'Strict', signal: context.signal };
}

async function waitUntilGone({ step, context }: Hook, uid: string | undefined): Promise<void> {
  const { client, signal, waitsFor } = context;
  const { apiVersion, key } = step;
  const sayAt = performance.now() + sayAfterMilliseconds;
  let said = false;
  await untilGone(client, { apiVersion, key, uid }, signal, async (live) => {
    if (said || performance.now() <= sayAt) return;
    await waitsFor(live);
    said = true;
  });
}

function outcome({ key }: PlanStep, live: Manifest, verb: string): StepOutcome {
  return { status: 'Synced', message: `${kubectlName(key)} ${verb}`, ...stored(live) };
}
