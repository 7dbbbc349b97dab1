import { setTimeout as sleep } from 'node:timers/promises';
import { KeelsonError, ObjectError } from '../core/errors.ts';
import { keyOf, type Manifest } from '../core/object/manifest.ts';
import type { ApplyStrategy } from '../core/sync/plan.ts';
import type { FieldValidation, WriteOptions } from './calls.ts';
import type { ClusterClient } from './client.ts';
import { takeOverManagers } from './field-takeover.ts';
import { keelsonManager } from './write-objects.ts';

/**
 * Managers that wrote objects from Git or files before us. Manual edits (`kubectl-edit`, `kubectl-patch`) and
 * controllers are not among them: nobody described those fields in a manifest.
 */
export const formerManagers = [
  'argocd-controller',
  'kubectl',
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-replace',
] as const;

export type ApplyObjectOptions = {
  readonly strategy: ApplyStrategy;
  /** The object as last seen; spares a round trip where former managers must be replaced. */
  readonly live?: Manifest | undefined;
  /** Refuses unknown and duplicate fields. */
  readonly validate: boolean;
  /** Deletes the object and creates it anew where the API server refuses to change it. */
  readonly force: boolean;
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type Applied = {
  readonly object: Manifest;
  readonly strategy: ApplyStrategy;
  /** Former managers whose fields are ours now. */
  readonly tookOver: readonly string[];
  /** Whether the object had to be deleted and created anew. */
  readonly recreated: boolean;
};

/** Writes one object by the strategy its plan chose. */
export async function applyObject(
  client: ClusterClient,
  manifest: Manifest,
  options: ApplyObjectOptions,
): Promise<Applied> {
  try {
    return { ...(await write(client, manifest, options)), strategy: options.strategy, recreated: false };
  } catch (error) {
    // Other refusals would meet the new object too, and then the old one would be lost.
    if (!options.force || options.dryRun === true || !hasCode(error, 'immutable-field')) throw error;
    await deleteAndWait(client, manifest, options.signal);
    return { ...(await write(client, manifest, options)), strategy: options.strategy, recreated: true };
  }
}

type Written = Pick<Applied, 'object' | 'tookOver'>;

async function write(
  client: ClusterClient,
  manifest: Manifest,
  options: ApplyObjectOptions,
): Promise<Written> {
  const fieldValidation: FieldValidation = options.validate ? 'Strict' : 'Ignore';
  const call = { fieldValidation, dryRun: options.dryRun, signal: options.signal };
  switch (options.strategy) {
    case 'server-side':
      return await applyWithTakeover(client, manifest, options.live, call);
    case 'replace':
      return { object: await replaceOrCreate(client, manifest, call), tookOver: [] };
    case 'create':
      return { object: await client.create(manifest, call), tookOver: [] };
  }
}

type Call = WriteOptions;

/**
 * The reply of an apply shows all managers, so objects of ours cost one request. Former managers are replaced
 * before or after it; the second apply then removes the fields that only they had wanted.
 */
async function applyWithTakeover(
  client: ClusterClient,
  manifest: Manifest,
  live: Manifest | undefined,
  call: Call,
): Promise<Written> {
  if (call.dryRun === true) return { object: await client.applyServerSide(manifest, call), tookOver: [] };
  const before = live === undefined ? [] : await takeOver(client, live, call.signal);
  const applied = await client.applyServerSide(manifest, call);
  const after = await takeOver(client, applied, call.signal);
  if (after.length === 0) return { object: applied, tookOver: before };
  return {
    object: await client.applyServerSide(manifest, call),
    tookOver: [...new Set([...before, ...after])],
  };
}

/** How often an object may change under our hands before its change counts as a conflict. */
const maxTakeoverAttempts = 4;

/** Moves the entries of former managers to ours; the names of those that had any. */
async function takeOver(
  client: ClusterClient,
  seen: Manifest,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const key = keyOf(seen);
  let live: Manifest | undefined = seen;
  for (let attempt = 1; live !== undefined; attempt++) {
    const patch = takeoverPatch(live);
    if (patch === undefined) return [];
    try {
      await client.patch(live.apiVersion, key, patch, 'json', { signal });
      return managersOf(live.metadata.managedFields ?? []);
    } catch (error) {
      if (!hasCode(error, 'conflict') || attempt === maxTakeoverAttempts) throw error;
      live = await client.get(live.apiVersion, key, { signal });
    }
  }
  return [];
}

function takeoverPatch({ metadata }: Manifest): unknown[] | undefined {
  const entries = takeOverManagers(metadata.managedFields ?? [], formerManagers, keelsonManager);
  if (entries === undefined) return undefined;
  return [
    { op: 'replace', path: '/metadata/managedFields', value: entries },
    // The API server refuses the patch unless this is still the current version.
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
  ];
}

function managersOf(managedFields: readonly unknown[]): string[] {
  return formerManagers.filter((name) =>
    managedFields.some(
      (entry) => typeof entry === 'object' && entry !== null && Object(entry).manager === name,
    ),
  );
}

async function replaceOrCreate(client: ClusterClient, manifest: Manifest, call: Call): Promise<Manifest> {
  const live = await client.get(manifest.apiVersion, keyOf(manifest), { signal: call.signal });
  if (live === undefined) return await client.create(manifest, call);
  const { resourceVersion } = live.metadata;
  const metadata =
    resourceVersion === undefined ? manifest.metadata : { ...manifest.metadata, resourceVersion };
  return await client.replace({ ...manifest, metadata }, call);
}

function hasCode(error: unknown, code: KeelsonError['code']): boolean {
  return error instanceof KeelsonError && error.code === code;
}

/** Finalizers may hold an object for long; past this the operation's own retry goes on. */
const goneDeadlineMs = 60_000;

async function deleteAndWait(
  client: ClusterClient,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const key = keyOf(manifest);
  const live = await client.get(manifest.apiVersion, key, { signal });
  const uid = live?.metadata.uid;
  if (live === undefined || uid === undefined) return;
  await client.delete(manifest.apiVersion, key, { signal, uid, propagationPolicy: 'background' });
  const deadline = performance.now() + goneDeadlineMs;
  while ((await client.get(manifest.apiVersion, key, { signal }))?.metadata.uid === uid) {
    if (performance.now() > deadline) {
      const message =
        'is being deleted to be created anew, but a finalizer holds it; see metadata.finalizers';
      throw new ObjectError('timeout', key, message, { retryable: true });
    }
    await sleep(200, undefined, signal === undefined ? {} : { signal });
  }
}
