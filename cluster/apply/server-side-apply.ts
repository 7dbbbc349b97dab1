import type { FormerOwners } from '../../core/diff/fields/former-fields.ts';
import { KeelsonError } from '../../core/errors.ts';
import { keelsonManager } from '../../core/object/managers.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { applyServed, hasUnservedOwners, isServerFault, moverFor } from '../discovery/unserved-versions.ts';
import type { WriteOptions } from '../request/calls.ts';
import type { ClusterClient } from '../request/client.ts';
import { changeManagers } from './change-managers.ts';
import { tryMerge } from './client-side-apply.ts';
import { takeOverManagers, takeOverShared } from './field-takeover.ts';
import { type Heir, judgeTakeover, type TakeoverJudgement } from './judge-takeover.ts';

export type ServerSideOptions = WriteOptions & {
  /** Whose fields are taken over. */
  readonly managers: readonly string[];
  /** Whether the object is known to have some of them: they go first, so that the object changes only once. */
  readonly takeOverFirst: boolean;
};

/** The applied object, and the managers whose fields are ours now. */
export type ServerSideApplied = {
  readonly object: Manifest;
  readonly tookOver: readonly string[];
  /** What people should know. */
  readonly notes: readonly string[];
};

/**
 * Applies a manifest and takes over the fields of former managers. The reply of an apply shows all managers, so an
 * object of ours costs one request. Where the manifest lacks fields that former managers own, the API server is asked
 * first whether it lets them go; only then they become ours, and the apply removes them.
 */
export async function applyServerSide(
  client: ClusterClient,
  manifest: Manifest,
  { managers, takeOverFirst, ...call }: ServerSideOptions,
): Promise<ServerSideApplied> {
  const heir = { manager: call.fieldManager ?? keelsonManager, formerManagers: managers };
  const context: Context = { client, manifest, heir, call };
  const live = takeOverFirst
    ? await client.get(manifest.apiVersion, keyOf(manifest), { signal: call.signal })
    : undefined;
  const judgement = live === undefined ? undefined : await judgeTakeover(client, manifest, live, context);
  if (call.dryRun === true) return await tryApply(context, judgement);
  if (live !== undefined && judgement?.fate === 'go') {
    return await takeRest(context, await applyAsHeir(context, live, judgement.owners), restOf(judgement));
  }
  const object = await applyServed(client, manifest, call);
  return await takeRest(context, { object, tookOver: [] }, judgement);
}

type Context = {
  readonly client: ClusterClient;
  readonly manifest: Manifest;
  readonly heir: Heir;
  readonly call: WriteOptions;
};

type Done = Pick<ServerSideApplied, 'object' | 'tookOver'>;

/** A dry run changes nobody's ownership: where fields would go, the judgement has asked already. */
async function tryApply(
  { client, manifest, heir, call }: Context,
  judgement: TakeoverJudgement | undefined,
): Promise<ServerSideApplied> {
  const done = { tookOver: [], notes: notesOf(judgement) };
  if (judgement?.fate === 'go') return { ...done, object: judgement.predicted };
  try {
    return { ...done, object: await client.applyServerSide(manifest, call) };
  } catch (error) {
    if (!isServerFault(error)) throw error;
    const live = await client.get(manifest.apiVersion, keyOf(manifest), { signal: call.signal });
    if (live === undefined || !(await hasUnservedOwners(client, live))) throw error;
    return { ...done, object: await tryMerge(client, manifest, live, { ...call, ...heir, owners: heir }) };
  }
}

/** Takes the fields over and applies; an apply that is refused all the same leaves the owners as they were. */
async function applyAsHeir(
  { client, manifest, heir, call }: Context,
  live: Manifest,
  owners: FormerOwners,
): Promise<Done> {
  const move = await moverFor(client, live);
  const before = move(live.metadata.managedFields ?? []);
  const taken = await changeManagers(client, live, call.signal, (entries) =>
    takeOverManagers(move(entries), owners, heir.manager),
  );
  try {
    return { object: await applyServed(client, manifest, call), tookOver: taken?.from ?? [] };
  } catch (error) {
    const refused = error instanceof KeelsonError && !error.retryable;
    if (refused && taken !== undefined) await handBack(client, taken.object, before);
    throw error;
  }
}

/** Gives an object its former owners again, unless it has changed meanwhile. */
async function handBack(client: ClusterClient, taken: Manifest, before: readonly unknown[]): Promise<void> {
  try {
    await changeManagers(client, taken, undefined, () => ({ managedFields: before, from: [] }), 1);
  } catch (error) {
    // Safe: whoever changed it has become an owner, which the former list doesn't know; the refusal is what counts.
    if (!(error instanceof KeelsonError)) throw error;
  }
}

/** Takes over what former managers still have of an applied object. */
async function takeRest(
  context: Context,
  { object, tookOver }: Done,
  judged: TakeoverJudgement | undefined,
): Promise<ServerSideApplied> {
  const { client, manifest, heir, call } = context;
  const all: FormerOwners = { formerManagers: heir.formerManagers };
  const { managedFields = [] } = object.metadata;
  if (takeOverManagers(managedFields, all, heir.manager) === undefined) {
    return { object, tookOver, notes: [] };
  }
  const judgement = judged ?? (await judgeTakeover(client, manifest, object, context));
  if (judgement.fate === 'go') {
    return await takeRest(context, await applyAsHeir(context, object, judgement.owners), restOf(judgement));
  }
  const take = judgement.fate === 'stay' ? takeOverShared : takeOverManagers;
  const move = await moverFor(client, object);
  const taken = await changeManagers(client, object, call.signal, (entries) =>
    take(move(entries), all, heir.manager),
  );
  return {
    object: taken?.object ?? object,
    tookOver: [...new Set([...tookOver, ...(taken?.from ?? [])])],
    notes: notesOf(judgement),
  };
}

/** What is left to judge once the fields that may go are gone. */
function restOf({ refusal }: Extract<TakeoverJudgement, { fate: 'go' }>): TakeoverJudgement {
  return refusal === undefined ? { fate: 'none' } : { fate: 'stay', refusal };
}

function notesOf(judgement: TakeoverJudgement | undefined): string[] {
  if (judgement === undefined || judgement.fate === 'none' || judgement.refusal === undefined) return [];
  return [
    `fields that only former managers own stay, as they can't be removed: ${judgement.refusal.message}`,
  ];
}
