import { isAlreadyThere } from '../../cluster/apply/client-side-apply.ts';
import { applyServerSide } from '../../cluster/apply/server-side-apply.ts';
import type { ClusterClient } from '../../cluster/request/client.ts';
import { referenceManager } from '../../core/object/managers.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import type { PlanStep } from '../../core/sync/plan/plan.ts';
import { type StepContext, type StepOutcome, stored } from './step.ts';

/**
 * Owns the labels and annotations of destination namespaces. A manager of its own: another application may have the
 * same namespace in its sources, and neither removes what the other one says.
 */
const namespaceManager = 'keelson-namespace';
/** The reference applies these under its general name. */
const formerNamespaceManagers = [referenceManager];

/**
 * Creates the destination namespace unless it is there by now, or applies the labels and annotations that the
 * application gives it. It is never tracked.
 */
export async function createNamespace(step: PlanStep, context: StepContext): Promise<StepOutcome> {
  const manifest = namespaceOf(step);
  const { object, verb } =
    step.namespaceMetadata === undefined
      ? await create(context, manifest)
      : { object: await applyMetadata(context, manifest), verb: 'serverside-applied' };
  await context.created();
  return {
    status: 'Synced',
    message: `namespace/${step.key.name} ${verb}${context.dryRun ? ' (dry run)' : ''}`,
    ...(object === undefined || context.dryRun ? {} : stored(object)),
  };
}

function namespaceOf({ key, namespaceMetadata }: PlanStep): Manifest {
  const { labels, annotations } = namespaceMetadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: key.name,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

async function create(
  { client, dryRun, signal }: StepContext,
  manifest: Manifest,
): Promise<{ object: Manifest | undefined; verb: string }> {
  try {
    return { object: await client.create(manifest, { dryRun, signal }), verb: 'created' };
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
    return { object: undefined, verb: 'exists' };
  }
}

async function applyMetadata(
  { client, dryRun, signal }: StepContext & { readonly client: ClusterClient },
  manifest: Manifest,
): Promise<Manifest> {
  const { object } = await applyServerSide(client, manifest, {
    dryRun,
    signal,
    fieldManager: namespaceManager,
    managers: formerNamespaceManagers,
    takeOverFirst: false,
  });
  return object;
}
