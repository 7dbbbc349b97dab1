import type { Impact } from '../../core/action/action.ts';
import { whyForbidden } from '../../core/action/scope.ts';
import { type ActionWrite, createWrite, guardedBody, patchWrites } from '../../core/action/write.ts';
import { KeelsonError, ObjectError } from '../../core/errors.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import type { ClusterAccess } from '../context.ts';
import type { ActionTarget } from './action-target.ts';

/** Fields that an action has set belong to this manager, so that a sync doesn't take them for its own. */
const fieldManager = 'keelson-action';

/** The writes of an action, in order, each checked against what the action may reach. */
export async function decideWrites(
  target: ActionTarget,
  live: Manifest,
  impacts: readonly Impact[],
): Promise<ActionWrite[]> {
  const writes: ActionWrite[] = [];
  for (const { operation, manifest } of impacts) {
    const wanted = operation === 'create' ? await inNamespace(target, manifest) : manifest;
    requireScope(target, wanted);
    writes.push(...(operation === 'create' ? [createWrite(wanted)] : patchWrites(live, wanted)));
  }
  return writes;
}

/** An object to create, in the namespace of the action's object unless it names another. */
async function inNamespace({ cluster, key }: ActionTarget, manifest: Manifest): Promise<Manifest> {
  const { namespaced } = await cluster.resourceFor(manifest.apiVersion, manifest.kind);
  const { namespace: given, ...metadata } = manifest.metadata;
  const namespace = given || key.namespace;
  return { ...manifest, metadata: namespaced ? { ...metadata, namespace } : metadata };
}

/** Sends a write; `written` is the version that the write before it left. */
export async function sendWrite(
  cluster: Pick<ClusterAccess, 'create' | 'patch'>,
  write: ActionWrite,
  { dryRun, written }: { readonly dryRun: boolean; readonly written?: string | undefined },
): Promise<Manifest> {
  const { operation, apiVersion, key, subresource } = write;
  const options = { dryRun, fieldManager };
  if (operation === 'create') return cluster.create(write.body, options);
  const body = guardedBody(write, written);
  const patch = (more: { subresource?: 'status' }) =>
    cluster.patch(apiVersion, key, body, 'merge', { ...options, ...more });
  if (subresource === undefined) return patch({});
  return patch({ subresource }).catch((error: unknown) => {
    // A kind without the subresource keeps its status with the rest.
    if (error instanceof KeelsonError && error.code === 'not-found') return patch({});
    throw error;
  });
}

function requireScope({ scope }: ActionTarget, manifest: Manifest): void {
  const key = keyOf(manifest);
  const reason = whyForbidden(key, scope);
  if (reason !== undefined) throw new ObjectError('forbidden', key, `action may not write it: ${reason}`);
}
