import { Context } from '@temporalio/activity';
import { contextFault } from '../cluster/compare-object.ts';
import { hasFormerManagers } from '../cluster/server-side-apply.ts';
import { instanceName } from '../core/application/source.ts';
import { mapBounded } from '../core/bounded.ts';
import { type CompareContext, compareContext } from '../core/diff/context.ts';
import { KeelsonError } from '../core/errors.ts';
import { migrationManagerAnnotation, syncGateAnnotation } from '../core/object/annotations.ts';
import { canonicalJson } from '../core/object/canonical.ts';
import { keyId, type ResourceKey } from '../core/object/key.ts';
import { isHook } from '../core/sync/hook.ts';
import { parseSyncOptions } from '../core/sync/options.ts';
import type { SyncPlan } from '../core/sync/plan.ts';
import { type DesiredObject, desiredKey, type LiveObject, optionsInForce } from '../core/sync/plan-input.ts';
import { planSync } from '../core/sync/plan-sync.ts';
import { type ApplicationRow, getApplication } from '../db/queries/application.ts';
import { recordChange } from '../db/queries/change.ts';
import { addTiming, getOperation, type OperationRow } from '../db/queries/operation.ts';
import { findPlan, type PlanRow, recordRefusals, storePlan } from '../db/queries/plan.ts';
import type { RenderRow } from '../db/queries/render.ts';
import { closeWaitsOfKind } from '../db/queries/wait.ts';
import type { AttemptRef, PlanSummary } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';
import { precheckPlan } from './precheck.ts';
import { respectLiveFields } from './respect-ignored.ts';
import { loadDesired, withKinds } from './session/desired-objects.ts';
import type { LiveCluster } from './session/live-clusters.ts';
import { liveObject } from './session/live-object.ts';
import { comparablePair, readLive, undesiredObjects } from './session/live-side.ts';

/** Objects looked at side by side: reads and dry runs overlap on the wire. */
const parallelReads = 20;

export function planActivities(deps: Deps) {
  return {
    /** Decides the sync of one attempt and stores the decision; the stored one stays, however often this runs. */
    async planSync(ref: AttemptRef): Promise<PlanSummary> {
      const startedAt = performance.now();
      const live = deps.liveClusters.get(ref.clusterId);
      await closeWaitsOfKind(deps.db, ref.operationId, ['session', 'retry']);
      const stored = await findPlan(deps.db, ref);
      if (stored !== undefined) return summaryOf(stored);
      const { operation, application, render } = await readSubject(deps, ref);
      const desired = await withKinds(live, await loadDesired(deps, live, render));
      const instance = instanceName({ metadata: application }, deps.homeNamespace);
      const { destination, syncPolicy } = operation.spec;
      const destinationNamespace = destination.namespace ?? '';
      const managed = syncPolicy?.managedNamespaceMetadata;
      const context = await comparedUnder(deps, live, operation, application);
      const syncOptions = syncPolicy?.syncOptions ?? [];
      const options = parseSyncOptions(
        optionsInForce({ request: operation.request, application: { syncOptions } }),
      );
      const written = options.respectIgnoreDifferences
        ? await respectLiveFields(deps, live, desired, context)
        : desired;
      const planned = planSync({
        desired: written,
        live: await findLive(live, desired, {
          instance,
          listed: application.resources,
          destinationNamespace,
          context,
        }),
        application: {
          instance,
          title: `${application.namespace}/${application.name}`,
          destinationNamespace,
          syncOptions,
          tracking: live.settings.tracking,
          ...(managed === undefined ? {} : { managedNamespaceMetadata: managed }),
          formerManager: application.annotations[migrationManagerAnnotation],
        },
        request: operation.request,
        operation: {
          startedAtUnix: Math.floor((operation.startedAt ?? operation.requestedAt).getTime() / 1000),
          revision: render.revision,
        },
        namespaceExists:
          live.cache.get({ group: '', kind: 'Namespace', namespace: '', name: destinationNamespace }) !==
          undefined,
        gate: application.annotations[syncGateAnnotation] === 'all' ? 'all' : 'reference',
      });
      const plan = operation.request.dryRun
        ? planned.plan
        : await precheckPlan(planned.plan, {
            client: live.client,
            ref,
            manifests: new Map(written.map(({ digest, manifest }) => [digest, manifest])),
            signal: Context.current().cancellationSignal,
          });
      return storeNewPlan(deps, ref, plan, planned.warnings, startedAt);
    },
  };
}

/** The rules under which the operation's objects are compared; a rule that can't be run stops the sync. */
async function comparedUnder(
  deps: Pick<Deps, 'jq'>,
  live: Pick<LiveCluster, 'settings'>,
  operation: Pick<OperationRow, 'spec'>,
  { annotations }: Pick<ApplicationRow, 'annotations'>,
): Promise<CompareContext> {
  const context = compareContext(live.settings, { annotations, spec: operation.spec });
  const fault = await contextFault(deps.jq, context);
  if (fault !== undefined) throw new KeelsonError('invalid-argument', fault);
  return context;
}

async function readSubject(
  deps: Deps,
  ref: AttemptRef,
): Promise<{ operation: OperationRow; application: ApplicationRow; render: RenderRow }> {
  const [operation, application] = await Promise.all([
    getOperation(deps.db, ref.operationId),
    getApplication(deps.db, ref.applicationId),
  ]);
  if (operation === undefined || application === undefined) throw goneError(ref);
  const render = operation.renderId === null ? undefined : await deps.content.render(operation.renderId);
  if (render === undefined) {
    throw new KeelsonError('internal', `operation ${ref.operationId} was planned before it was rendered`);
  }
  return { operation, application, render };
}

/** The failure of planning for an application that was removed. */
export function goneError(ref: AttemptRef): KeelsonError {
  return new KeelsonError('not-found', `application of operation ${ref.operationId} is gone`);
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
    const current = await readLive(live, object.manifest.apiVersion, key);
    if (current === undefined) return undefined;
    if (isHook(object.manifest)) return liveObject(current, true);
    const pair = await comparablePair(live, object, current, of.instance);
    const { changed, reason } = await live.verdicts.compare(pair.desired, pair.live, of.context);
    return {
      ...liveObject(current, changed),
      hasFormerManagers: hasFormerManagers(current),
      unjudged: reason !== undefined,
    };
  };
  const pairs = desired.map((object, position) => ({ object, key: keys[position] as ResourceKey }));
  const looked = await mapBounded(pairs, parallelReads, ({ object, key }) => look(object, key));
  // Of several objects with one key the last counts, as it does for the plan.
  const found = new Map(looked.flatMap((one) => (one === undefined ? [] : [[keyId(one.key), one] as const])));
  const undesired = undesiredObjects(live, { instance: of.instance, wanted: keys, listed: of.listed });
  return [
    ...found.values(),
    ...undesired.map(({ object, formerlyTracked }) => ({ ...liveObject(object, false), formerlyTracked })),
  ];
}

/** Stores a plan with what it cost, and answers with what the workflow needs of it. */
export function storeNewPlan(
  deps: Deps,
  ref: AttemptRef,
  plan: SyncPlan,
  warnings: readonly string[],
  startedAt: number,
): Promise<PlanSummary> {
  return deps.db.transaction(async (tx) => {
    const made = new Date();
    const row = await storePlan(tx, {
      operationId: ref.operationId,
      attempt: ref.attempt,
      digest: deps.keyring.digest(canonicalJson(plan)),
      plan,
      warnings: [...warnings],
    });
    await recordRefusals(tx, row, made);
    await addTiming(tx, ref.operationId, 'plan', performance.now() - startedAt);
    await recordChange(tx, { type: 'MODIFIED', topic: 'application', applicationId: ref.applicationId });
    return summaryOf(row);
  });
}

/** What the workflow needs of a stored plan. */
export function summaryOf(row: PlanRow): PlanSummary {
  return {
    digest: row.digest,
    groups: row.plan.groups,
    failureGroups: row.plan.failureGroups,
    ...(row.plan.refused === undefined ? {} : { refused: row.plan.refused }),
    hasHooks: row.plan.refused === undefined && row.plan.steps.some((step) => step.action === 'create-hook'),
  };
}
