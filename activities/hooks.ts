import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterClient, WriteOptions } from '../cluster/client.ts';
import { isAlreadyThere } from '../cluster/client-side-apply.ts';
import { ObjectError } from '../core/errors.ts';
import { hookFinalizers, hookResultFinalizer, stepAnnotation } from '../core/object/annotations.ts';
import type { Manifest } from '../core/object/manifest.ts';
import type { PlanStep } from '../core/sync/plan.ts';
import type { AttemptRef } from '../workflows/messages.ts';
import { kubectlName, type StepContext, type StepOutcome, stored } from './step.ts';

const goneFirstCheckMilliseconds = 50;
const goneLastCheckMilliseconds = 1000;
/** A deletion that takes longer than this is a wait that people should see. */
const sayAfterMilliseconds = 1000;

/** The stamp that tells which step of which attempt made a hook object. */
export function hookStamp(ref: Pick<AttemptRef, 'operationId' | 'attempt'>, step: number): string {
  return `${ref.operationId}/${ref.attempt}/${step}`;
}

/**
 * Creates a hook object, or adopts the one that this very step made before it died. An object of the same name with
 * another stamp belongs to an earlier sync: it is deleted, that one and no successor, and made anew.
 */
export async function createHook(step: PlanStep, context: StepContext): Promise<StepOutcome> {
  const { client, manifest, signal } = context;
  if (manifest === undefined) throw new ObjectError('internal', step.key, 'hook has no manifest');
  const stamp = hookStamp(context.ref, step.step);
  const hook = stampHook(manifest, step, stamp);
  const call = { fieldValidation: step.validate === false ? 'Ignore' : 'Strict', signal } as const;
  if (context.dryRun) return tryHook(step, context, hook, call);

  const live = await client.get(step.apiVersion, step.key, { signal });
  if (live !== undefined) {
    if (live.metadata.annotations?.[stepAnnotation] === stamp) return outcome(step, live, 'adopted');
    await removeHook(client, step, live);
    await waitUntilGone(step, live.metadata.uid, context);
  }
  try {
    const created = await client.create(hook, call);
    await context.created();
    return outcome(step, created, 'created');
  } catch (error) {
    // An earlier create whose answer was lost, or somebody else's: the next look tells which.
    if (isAlreadyThere(error)) return createHook(step, context);
    throw error;
  }
}

/** Lets the API server judge a hook that a dry run does not create; one that stands is made anew in a real run. */
async function tryHook(
  { key }: PlanStep,
  { client }: StepContext,
  hook: Manifest,
  call: WriteOptions,
): Promise<StepOutcome> {
  try {
    await client.create(hook, { ...call, dryRun: true });
  } catch (error) {
    // The name is taken by the object of an earlier sync, which a real run deletes first.
    if (!isAlreadyThere(error)) throw error;
  }
  return { status: 'Synced', message: `${kubectlName(key)} is not run in a dry run` };
}

/** Lets a hook object go: our finalizers first, then the object itself unless something else deleted it already. */
export async function removeHook(client: ClusterClient, step: PlanStep, live: Manifest): Promise<void> {
  await releaseHook(client, step, live);
  if (live.metadata.deletionTimestamp !== undefined) return;
  await client.delete(step.apiVersion, step.key, {
    ...(live.metadata.uid === undefined ? {} : { uid: live.metadata.uid }),
    propagationPolicy: 'background',
  });
}

/** Takes our finalizers off a hook object, so that whoever deletes it is not held up any more. */
export async function releaseHook(client: ClusterClient, step: PlanStep, live: Manifest): Promise<void> {
  const held = live.metadata.finalizers ?? [];
  const kept = held.filter((finalizer) => !hookFinalizers.has(finalizer));
  if (kept.length === held.length) return;
  const uid = live.metadata.uid;
  const resourceVersion = live.metadata.resourceVersion;
  try {
    await client.patch(
      step.apiVersion,
      step.key,
      { metadata: { uid, resourceVersion, finalizers: kept.length === 0 ? null : kept } },
      'merge',
    );
  } catch (error) {
    if (!(error instanceof ObjectError) || !['not-found', 'conflict'].includes(error.code)) throw error;
    const now = await client.get(step.apiVersion, step.key);
    if (now === undefined || now.metadata.uid !== uid) return;
    await releaseHook(client, step, now);
  }
}

/** The hook object as it is created: under the plan's final name, with its stamp, held by our finalizer. */
function stampHook(manifest: Manifest, step: PlanStep, stamp: string): Manifest {
  const { generateName: _, ...metadata } = manifest.metadata;
  return {
    ...manifest,
    metadata: {
      ...metadata,
      name: step.key.name,
      annotations: { ...metadata.annotations, [stepAnnotation]: stamp },
      finalizers: [...(metadata.finalizers ?? []), hookResultFinalizer],
    },
  };
}

async function waitUntilGone(
  step: PlanStep,
  uid: string | undefined,
  { client, signal, waitsFor }: StepContext,
): Promise<void> {
  const sayAt = performance.now() + sayAfterMilliseconds;
  let said = false;
  for (let pause = goneFirstCheckMilliseconds; ; pause = Math.min(pause * 2, goneLastCheckMilliseconds)) {
    const live = await client.get(step.apiVersion, step.key, { signal });
    if (live === undefined || live.metadata.uid !== uid) return;
    if (!said && performance.now() > sayAt) {
      await waitsFor(live);
      said = true;
    }
    await sleep(pause, undefined, { signal });
  }
}

function outcome({ key }: PlanStep, live: Manifest, verb: string): StepOutcome {
  return { status: 'Synced', message: `${kubectlName(key)} ${verb}`, ...stored(live) };
}
