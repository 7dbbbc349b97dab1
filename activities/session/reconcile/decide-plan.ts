import { contextFault } from '../../../cluster/compare/compare-object.ts';
import { instanceName } from '../../../core/application/source/source.ts';
import type { ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { mapBounded } from '../../../core/bounded.ts';
import { type CompareContext, compareContext } from '../../../core/diff/context.ts';
import { hasFormerManagers } from '../../../core/diff/fields/former-fields.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { migrationManagerAnnotation, syncGateAnnotation } from '../../../core/object/annotations.ts';
import { keyId, type ResourceKey } from '../../../core/object/key.ts';
import { formerManagers } from '../../../core/object/managers.ts';
import { concernsItself } from '../../../core/patience.ts';
import { whyUntrusted } from '../../../core/render-trust.ts';
import type { SyncRequest } from '../../../core/sync/operation/operation.ts';
import { selectAnew } from '../../../core/sync/operation/selection.ts';
import { isHook } from '../../../core/sync/options/hook.ts';
import { parseSyncOptions } from '../../../core/sync/options/options.ts';
import type { SyncPlan } from '../../../core/sync/plan/plan.ts';
import {
  type DesiredObject,
  desiredKey,
  type LiveObject,
  optionsInForce,
} from '../../../core/sync/plan/plan-input.ts';
import { planSync } from '../../../core/sync/plan/plan-sync.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import type { AttemptRef } from '../../../workflows/messages.ts';
import type { SessionDeps } from '../../deps.ts';
import { precheckPlan } from '../../plan/precheck.ts';
import { respectLiveFields } from '../../plan/respect-ignored.ts';
import { loadDesired, withKinds } from '../compare/desired-objects.ts';
import { liveObject } from '../compare/live-object.ts';
import { comparablePair, readLive, undesiredObjects } from '../compare/live-side.ts';
import { isUnwatched } from '../compare/unwatched.ts';
import type { LiveCluster } from '../live-clusters.ts';

/** Objects looked at side by side: reads and dry runs overlap on the wire. */
const parallelReads = 20;

/** What a plan is decided for. */
export type PlanSubject = {
  readonly ref: AttemptRef;
  readonly request: SyncRequest;
  /** Whether the objects that the request names are chosen anew, by what differs now. */
  readonly chooses?: boolean;
  /** The spec that the operation carries out. */
  readonly spec: ApplicationSpec;
  readonly startedAt: Date;
  readonly application: ApplicationRow;
  readonly render: Pick<RenderRow, 'objects' | 'revision' | 'warnings'>;
  readonly signal: AbortSignal;
};

/** Decides a sync by what stands in the cluster's cache; the API server is asked about writes that nobody judged yet. */
export async function decidePlan(
  deps: SessionDeps,
  live: LiveCluster,
  { ref, request, chooses = false, spec, startedAt, application, render, signal }: PlanSubject,
): Promise<{ readonly plan: SyncPlan; readonly warnings: readonly string[] }> {
  const desired = await withKinds(live, await loadDesired(deps, live, render));
  const instance = instanceName({ metadata: application }, deps.homeNamespace);
  const { destination, syncPolicy } = spec;
  const destinationNamespace = destination.namespace ?? '';
  const managed = syncPolicy?.managedNamespaceMetadata;
  const context = await comparedUnder(deps, live, { spec, annotations: application.annotations });
  const syncOptions = syncPolicy?.syncOptions ?? [];
  const options = parseSyncOptions(optionsInForce({ request, application: { syncOptions } }));
  const written = options.respectIgnoreDifferences
    ? await respectLiveFields(deps, live, desired, context)
    : desired;
  const found = await findLive(live, desired, {
    instance,
    listed: application.resources,
    destinationNamespace,
    context,
  });
  const resources = chooses
    ? selectAnew({ desired, live: found, request, application: { destinationNamespace } })
    : request.resources;
  const planned = planSync({
    desired: written,
    live: found,
    application: {
      instance,
      title: `${application.namespace}/${application.name}`,
      destinationNamespace,
      syncOptions,
      tracking: live.settings.tracking,
      ...(managed === undefined ? {} : { managedNamespaceMetadata: managed }),
      formerManager: application.annotations[migrationManagerAnnotation],
    },
    request: { ...request, resources },
    untrusted: whyUntrusted(render.warnings),
    operation: {
      startedAtUnix: Math.floor(startedAt.getTime() / 1000),
      revision: render.revision,
    },
    namespaceExists:
      live.cache.get({ group: '', kind: 'Namespace', namespace: '', name: destinationNamespace }) !==
      undefined,
    gate: application.annotations[syncGateAnnotation] === 'all' ? 'all' : 'reference',
  });
  const applied = planned.plan.steps.flatMap(({ action, key }) => (action === 'apply' ? key : []));
  live.unwatched.remember(
    instance,
    applied.filter((key) => isUnwatched(live, key)),
  );
  const plan = request.dryRun
    ? planned.plan
    : await precheckPlan(planned.plan, {
        client: live.client,
        ref,
        // Nothing is deleted here: an older state of the source says nothing against it.
        ground: {
          owner: { instance, tracking: live.settings.tracking },
          options,
          wanted: async () => false,
          applied: live.applied.has,
        },
        manifests: new Map(written.map(({ digest, manifest }) => [digest, manifest])),
        signal: signal,
      });
  return { plan, warnings: planned.warnings };
}

/**
 * Runs what may fail for one object alone: undefined then, and the object's own write tells what is wrong with it. That
 * the cluster answers nobody is a reason to plan later.
 */
async function exceptOutage<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!concernsItself(error)) throw error;
    return undefined;
  }
}

/** The rules under which the operation's objects are compared; a rule that can't be run stops the sync. */
async function comparedUnder(
  deps: Pick<SessionDeps, 'jq'>,
  live: Pick<LiveCluster, 'settings'>,
  subject: Pick<ApplicationRow, 'annotations' | 'spec'>,
): Promise<CompareContext> {
  const context = compareContext(live.settings, subject);
  const fault = await contextFault(deps.jq, context);
  if (fault !== undefined) throw new KeelsonError('invalid-argument', fault);
  return context;
}

/** The live side of the plan: what stands under desired keys, and what is tracked and no longer desired. */
async function findLive(
  live: LiveCluster,
  desired: readonly DesiredObject[],
  of: {
    readonly instance: string;
    readonly listed: ApplicationRow['resources'];
    readonly destinationNamespace: string;
    readonly context: CompareContext;
  },
): Promise<LiveObject[]> {
  const keys = desired.map((object) => desiredKey(object, of.destinationNamespace));
  const look = async (object: DesiredObject, key: ResourceKey): Promise<LiveObject | undefined> => {
    if (object.excluded === true) return undefined;
    const current = await exceptOutage(() => readLive(live, object.manifest.apiVersion, key));
    if (current === undefined) return undefined;
    // A version that isn't served can't be compared; the plan refuses it, or its step fails with the reason.
    if (isHook(object.manifest) || object.unknownKind !== undefined) return liveObject(current, true);
    const verdict = await exceptOutage(async () => {
      const pair = await comparablePair(live, object, current, of.instance);
      return live.verdicts.compare(pair.desired, pair.live, of.context);
    });
    return {
      ...liveObject(current, verdict?.changed ?? true),
      hasFormerManagers: hasFormerManagers(current, formerManagers),
      unjudged: verdict === undefined || verdict.reason !== undefined,
    };
  };
  const pairs = desired.map((object, position) => ({ object, key: keys[position] as ResourceKey }));
  const looked = await mapBounded(pairs, parallelReads, ({ object, key }) => look(object, key));
  // Of several objects with one key the last counts, as it does for the plan.
  const found = new Map(looked.flatMap((one) => (one === undefined ? [] : [[keyId(one.key), one] as const])));
  const undesired = await undesiredObjects(live, { instance: of.instance, wanted: keys, listed: of.listed });
  const strangers = await live.applied.strangers(undesired.map(({ object }) => object));
  return [
    ...found.values(),
    ...undesired.map(({ object, formerlyTracked }) => ({
      ...liveObject(object, false),
      formerlyTracked,
      stranger: strangers.has(object),
    })),
  ];
}
