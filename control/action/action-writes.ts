import type { Impact } from '../../core/action/action.ts';
import { mergePatchBetween } from '../../core/action/merge-patch.ts';
import { whyForbidden } from '../../core/action/place.ts';
import { KeelsonError, ObjectError } from '../../core/errors.ts';
import { isFields } from '../../core/object/manifest/check-manifest.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import type { ActionTarget } from './action-target.ts';

/** Fields that an action has set belong to this manager, so that a sync doesn't take them for its own. */
const fieldManager = 'keelson-action';

/** One request of an action, or two of one object. */
export type Write = { readonly operation: Impact['operation']; run(dryRun: boolean): Promise<unknown> };

/** The writes of an action, checked against its place and, before the first of several, by the API server. */
export async function prepareWrites(
  target: ActionTarget,
  live: Manifest,
  impacts: readonly Impact[],
): Promise<readonly Write[]> {
  const writes: Write[] = [];
  for (const { operation, manifest } of impacts) {
    const write =
      operation === 'create' ? await creation(target, manifest) : patching(target, live, manifest);
    if (write !== undefined) writes.push(write);
  }
  for (const write of writes) {
    if (writes.length > 1 || write.operation === 'create') await write.run(true);
  }
  return writes;
}

async function creation(target: ActionTarget, manifest: Manifest): Promise<Write> {
  const { cluster, key } = target;
  const { namespaced } = await cluster.resourceFor(manifest.apiVersion, manifest.kind);
  const { namespace: given, ...metadata } = manifest.metadata;
  const namespace = given || key.namespace;
  const placed: Manifest = { ...manifest, metadata: namespaced ? { ...metadata, namespace } : metadata };
  requirePlace(target, placed);
  return {
    operation: 'create',
    run: (dryRun) => cluster.create(placed, { dryRun, fieldManager }),
  };
}

function patching(target: ActionTarget, live: Manifest, wanted: Manifest): Write | undefined {
  requirePlace(target, wanted);
  const patch = mergePatchBetween(live, wanted);
  if (patch === undefined) return undefined;
  const { status, ...others } = patch;
  const { cluster, key } = target;
  const { apiVersion } = live;
  const send = (body: object, subresource: string | undefined, from: Manifest, dryRun: boolean) =>
    cluster.patch(apiVersion, key, guarded(body, from), 'merge', {
      dryRun,
      fieldManager,
      ...(subresource === undefined ? {} : { subresource }),
    });
  return {
    operation: 'patch',
    async run(dryRun) {
      const hasOthers = Object.keys(others).length > 0;
      const reply = hasOthers ? await send(others, undefined, live, dryRun) : live;
      if (status === undefined) return;
      const from = dryRun ? live : reply;
      await send({ status }, 'status', from, dryRun).catch((error: unknown) => {
        // A kind without the subresource keeps its status with the rest.
        if (error instanceof KeelsonError && error.code === 'not-found') {
          return send({ status }, undefined, from, dryRun);
        }
        throw error;
      });
    },
  };
}

/** A list is replaced as a whole: what somebody else changed in it since it was read must not be lost. */
function guarded(patch: object, live: Manifest): object {
  const { resourceVersion } = live.metadata;
  if (resourceVersion === undefined || !holdsList(patch)) return patch;
  const metadata = 'metadata' in patch && isFields(patch.metadata) ? patch.metadata : {};
  return { ...patch, metadata: { ...metadata, resourceVersion } };
}

function holdsList(value: unknown): boolean {
  return Array.isArray(value) || (isFields(value) && Object.values(value).some(holdsList));
}

function requirePlace({ place }: ActionTarget, manifest: Manifest): void {
  const key = keyOf(manifest);
  const reason = whyForbidden(key, place);
  if (reason !== undefined) throw new ObjectError('forbidden', key, `action may not write it: ${reason}`);
}
