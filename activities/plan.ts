import { contextFault } from '../cluster/compare-object.ts';
import { instanceName } from '../core/application/source.ts';
import { type CompareContext, compareContext } from '../core/diff/context.ts';
import { KeelsonError } from '../core/errors.ts';
import { syncGateAnnotation } from '../core/object/annotations.ts';
import { canonicalJson } from '../core/object/canonical.ts';
import { formatKey } from '../core/object/key.ts';
import { keyOf, type Manifest } from '../core/object/manifest.ts';
import { isHook } from '../core/sync/hook.ts';
import { parseSyncOptions } from '../core/sync/options.ts';
import type { SyncPlan } from '../core/sync/plan.ts';
import { type DesiredObject, type LiveObject, planSync } from '../core/sync/plan-sync.ts';
import { type ApplicationRow, getApplication } from '../db/queries/application.ts';
import { recordChange } from '../db/queries/change.ts';
import { addTiming, getOperation, type OperationRow } from '../db/queries/operation.ts';
import { findPlan, type PlanRow, storePlan } from '../db/queries/plan.ts';
import type { RenderRow } from '../db/queries/render.ts';
import { closeWaitsOfKind } from '../db/queries/wait.ts';
import type { AttemptRef, PlanSummary } from '../workflows/messages.ts';
import type { Deps } from './deps.ts';
import { respectLiveFields } from './respect-ignored.ts';
import type { LiveCluster } from './session/live-clusters.ts';
import { liveObject } from './session/live-object.ts';

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
      const manifests = await deps.content.manifests(render.objects.map((object) => object.digest));
      const desired = render.objects.map((object): DesiredObject => {
        const manifest = manifests.get(object.digest) as Manifest;
        return { manifest, digest: object.digest, namespaced: object.key.namespace !== '' };
      });
      await checkKinds(live, desired);
      const context = compareContext(live.settings, {
        annotations: application.annotations,
        spec: operation.spec,
      });
      const fault = await contextFault(deps.jq, context);
      if (fault !== undefined) throw new KeelsonError('invalid-argument', fault);
      const instance = instanceName({ metadata: application }, deps.homeNamespace);
      const destinationNamespace = operation.spec.destination.namespace ?? '';
      const syncOptions = operation.spec.syncPolicy?.syncOptions ?? [];
      const options = operation.request.syncOptions.length > 0 ? operation.request.syncOptions : syncOptions;
      const planned = planSync({
        desired: parseSyncOptions(options).respectIgnoreDifferences
          ? await respectLiveFields(deps, live, desired, context)
          : desired,
        live: await findLive(live, desired, instance, context),
        application: {
          instance,
          destinationNamespace,
          syncOptions,
          tracking: live.settings.tracking,
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
      if (planned.plan === undefined) {
        const issues = planned.issues.map((issue) => issue.message).join('; ');
        throw new KeelsonError(
          'object-invalid',
          `one or more synchronization tasks are not valid: ${issues}`,
        );
      }
      return storeNewPlan(deps, ref, planned.plan, planned.warnings, startedAt);
    },
  };
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

/** Finds every kind that the cluster doesn't serve before anything is written; a kind whose CRD comes along is fine. */
async function checkKinds(live: LiveCluster, desired: readonly DesiredObject[]): Promise<void> {
  const defined = new Set(desired.flatMap(({ manifest }) => definedKind(manifest) ?? []));
  const problems: string[] = [];
  for (const { manifest } of desired) {
    if (defined.has(manifest.kind) || skipsDryRun(manifest)) continue;
    try {
      await live.client.resourceFor(manifest.apiVersion, manifest.kind);
    } catch (error) {
      if (!(error instanceof KeelsonError) || error.retryable) throw error;
      problems.push(
        `${formatKey(keyOf(manifest))}: the server could not find the requested resource (${manifest.apiVersion} ${manifest.kind}); ` +
          'install its CustomResourceDefinition or make it part of this sync',
      );
    }
  }
  if (problems.length > 0) {
    throw new KeelsonError(
      'kind-unknown',
      `one or more synchronization tasks are not valid: ${problems.join('; ')}`,
    );
  }
}

function definedKind(manifest: Manifest): string | undefined {
  if (manifest.kind !== 'CustomResourceDefinition') return undefined;
  return (manifest['spec'] as { names?: { kind?: string } } | undefined)?.names?.kind;
}

function skipsDryRun(manifest: Manifest): boolean {
  return (manifest.metadata.annotations?.['argocd.argoproj.io/sync-options'] ?? '').includes(
    'SkipDryRunOnMissingResource=true',
  );
}

/** The cluster's side of the plan: what stands under desired keys, and what is tracked and no longer desired. */
async function findLive(
  live: LiveCluster,
  desired: readonly DesiredObject[],
  instance: string,
  context: CompareContext,
): Promise<LiveObject[]> {
  const found = new Map<string, LiveObject>();
  await Promise.all(
    desired.map(async (object) => {
      const { manifest } = object;
      const key = keyOf(manifest);
      const current = live.cache.get(key);
      if (current === undefined || isHook(manifest)) return;
      const { changed } = await live.verdicts.compare(object, current, context);
      found.set(formatKey(key), liveObject(current, changed));
    }),
  );
  for (const object of live.cache.tracked(instance)) {
    const id = formatKey(keyOf(object));
    if (!found.has(id)) found.set(id, liveObject(object, false));
  }
  return [...found.values()];
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
    const row = await storePlan(tx, {
      operationId: ref.operationId,
      attempt: ref.attempt,
      digest: deps.keyring.digest(canonicalJson(plan)),
      plan,
      warnings: [...warnings],
    });
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
    hasHooks: row.plan.steps.some((step) => step.action === 'create-hook'),
  };
}
