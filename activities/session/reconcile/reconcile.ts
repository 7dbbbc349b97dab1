import { contextFault } from '../../../cluster/compare/compare-object.ts';
import { buildTree } from '../../../cluster/tree/tree.ts';
import { instanceName } from '../../../core/application/source/source.ts';
import { annotationWarnings } from '../../../core/application/spec/annotation-warnings.ts';
import type { ApplicationStatus, ResourceStatus } from '../../../core/application/status.ts';
import { compareContext } from '../../../core/diff/context.ts';
import { describeError, KeelsonError } from '../../../core/errors.ts';
import { aggregateHealth, type HealthFact, isIgnoredInHealth } from '../../../core/health/aggregate.ts';
import { noEffectConditions } from '../../../core/no-effect/application.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import { keyId } from '../../../core/object/key.ts';
import { isCustomResourceDefinition } from '../../../core/object/manifest/definition.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import { whyUntrusted } from '../../../core/render-trust.ts';
import { optionWarnings } from '../../../core/sync/options/option-places.ts';
import { parseSyncOptions, type SyncOptions } from '../../../core/sync/options/options.ts';
import { chooseDesired } from '../../../core/sync/plan/desired-set.ts';
import { sharedResources } from '../../../core/sync/tracking/shared.ts';
import { ownerOf, trackedOf } from '../../../core/sync/tracking/tracking.ts';
import { needsDeletionApproval } from '../../../core/sync/walk/approval.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import { type ComparisonSubject, comparisonSubject } from '../../../db/queries/application/desired.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import { findProject } from '../../../db/queries/installation/project.ts';
import { listOperations } from '../../../db/queries/operation/operation.ts';
import type { SessionDeps } from '../../deps.ts';
import { findStrangers, type Strangers } from '../../installation/strangers.ts';
import { type Compared, compareObjects } from '../compare/compare.ts';
import { comparisonConditions } from '../compare/comparison-conditions.ts';
import { type ComparedSet, comparedConditions, failedConditions } from '../compare/conditions.ts';
import { loadDesired } from '../compare/desired-objects.ts';
import { undesiredObjects } from '../compare/live-side.ts';
import { healthErrors } from '../health/health-errors.ts';
import { isOver, type LiveCluster } from '../live-clusters.ts';
import { decideFor, followDecision } from './auto-sync.ts';
import { catchUp } from './catch-up.ts';

/** What a comparison found, as it is stored with the application. */
export type Observed = Pick<
  ApplicationRow,
  'syncStatus' | 'healthStatus' | 'healthMessage' | 'resources' | 'summary'
>;

/** What follows from a comparison for the next one. */
export type Look = {
  /** Whether some object could not be compared, so that another look may find more. */
  readonly isPartial?: boolean;
  /** When to look again at the latest, if there is such a time. */
  readonly againAt?: Date;
  /** Whether an operation of the application is live. */
  readonly isSyncing: boolean;
};

/** Entries of `status.resources`: beyond it an application's row would grow too large to be read on every page. */
const mostResources = 5000;

/**
 * Compares one application with the live cache, stores status and tree where they changed, and starts an automated
 * sync where the application asks for one. `caughtUp` says that the cache was waited for already.
 */
export async function reconcile(
  deps: SessionDeps,
  live: LiveCluster,
  applicationId: string,
  caughtUp = false,
): Promise<Look> {
  const subject = await comparisonSubject(deps.db, applicationId);
  if (subject === undefined || subject.application.clusterId !== live.clusterId) {
    live.desirers.drop(applicationId);
    return { isSyncing: false };
  }
  const { application, latest } = subject;
  const isLive = latest !== null && latest.finishedAt === null;
  // Its successor compares by the settings that renders are made with now, and asks as whom the cluster is registered.
  if (isOver(deps, live)) return { isSyncing: isLive };
  const render =
    application.desiredRenderId === null ? undefined : await deps.content.render(application.desiredRenderId);
  const brought = await broughtRender(deps, subject);
  const answers = answered(subject);
  const compared = await compareWith(deps, live, subject, render, brought).catch(comparisonFailure);
  if (live.client.retired.aborted) return { isSyncing: isLive };
  if (compared instanceof KeelsonError) {
    await saveFailure(live, application, { error: compared, ...answers });
    return { isSyncing: isLive };
  }
  const namespace = await namespaceDiffers(deps, application, compared.objects);
  const observed = observe(live, application, { ...compared, render, namespaceDiffers: namespace });
  if (observed.syncStatus === 'OutOfSync' && !caughtUp && (await catchUp(deps, live, latest))) {
    return reconcile(deps, live, applicationId, true);
  }
  const automation = decideFor(
    subject,
    observed.syncStatus,
    compared.objects,
    whyUntrusted(render?.warnings ?? []) !== undefined,
  );
  const { decision } = automation;
  await live.observations.save(application, {
    observed,
    conditions: comparedConditions(application, render, compared, decision),
    nodes: treeOf(live, compared.objects),
    ...answers,
  });
  await followDecision(
    deps,
    live,
    {
      application,
      syncStatus: observed.syncStatus,
      ...(isCurrent(deps, live, application, compared.objects) && render !== undefined
        ? { render: { ...render, revision: application.desiredRevision ?? '' } }
        : {}),
    },
    automation,
  );
  return {
    isSyncing: isLive || decision?.action === 'sync',
    isPartial: compared.objects.some(({ problem }) => problem !== undefined),
    ...(decision?.action === 'wait' ? { againAt: new Date(decision.untilUnix * 1000) } : {}),
  };
}

/** The render that the newest operation brings or has brought, where it is another than the desired one. */
async function broughtRender(
  { content }: Pick<SessionDeps, 'content'>,
  { application, latest }: ComparisonSubject,
): Promise<RenderRow | undefined> {
  const id = latest?.renderId ?? null;
  return id === null || id === application.desiredRenderId ? undefined : await content.render(id);
}

/** The refresh request that a comparison answers, if one is open. */
function answered({ dirty }: ComparisonSubject): { comparedGeneration?: number } {
  return dirty !== null && dirty.comparedGeneration < dirty.renderedGeneration
    ? { comparedGeneration: dirty.renderedGeneration }
    : {};
}

/** A failure that the same comparison would meet again, until somebody changes something. */
function comparisonFailure(error: unknown): KeelsonError {
  if (error instanceof KeelsonError && !error.retryable && error.code !== 'fenced') return error;
  throw error;
}

/** Makes visible what keeps an application from being compared, where trying again has not helped. */
export async function reportFailure(
  deps: Pick<SessionDeps, 'db'>,
  live: LiveCluster,
  applicationId: string,
  error: unknown,
): Promise<void> {
  const subject = await comparisonSubject(deps.db, applicationId);
  if (subject === undefined || subject.application.clusterId !== live.clusterId) return;
  const shown =
    error instanceof KeelsonError
      ? error
      : new KeelsonError('internal', describeError(error), { cause: error });
  await saveFailure(live, subject.application, { error: shown, ...answered(subject) });
}

/** Nothing is known while a comparison can't be made; what was seen last stays, without a verdict. */
async function saveFailure(
  live: LiveCluster,
  application: ApplicationRow,
  { error, ...answers }: { readonly error: KeelsonError; readonly comparedGeneration?: number },
): Promise<void> {
  await live.observations.save(application, {
    observed: {
      syncStatus: 'Unknown',
      healthStatus: application.healthStatus,
      healthMessage: application.healthMessage,
      resources: application.resources.map(withoutVerdict),
      summary: application.summary,
    },
    conditions: failedConditions(application, error),
    ...answers,
  });
}

async function compareWith(
  deps: SessionDeps,
  live: LiveCluster,
  { application, attempt }: ComparisonSubject,
  render: RenderRow | undefined,
  /** What the newest operation brings or has brought, where that is another state. */
  brought: RenderRow | undefined,
): Promise<ComparedSet> {
  const { spec } = application;
  const destinationNamespace = spec.destination.namespace ?? '';
  const { kept, spared, findings } = chooseDesired(
    await loadDesired(deps, live, render),
    destinationNamespace,
  );
  const instance = instanceName({ metadata: application }, deps.homeNamespace);
  const keys = kept.map(({ key }) => key);
  live.desirers.note({ id: application.id, instance }, `${render?.id} ${destinationNamespace}`, keys);
  const undesired = await undesiredObjects(live, {
    instance,
    wanted: [...keys, ...spared],
    listed: application.resources,
    supposed: brought?.objects.map(({ key }) => key),
  });
  const context = compareContext(live.settings, application);
  const fault = await contextFault(deps.jq, context);
  const objects = await compareObjects(live, {
    desired: kept,
    undesired: undesired.map(({ object }) => object),
    instance,
    context,
    fault,
  });
  const liveByKey = new Map(
    objects.flatMap((one) => (one.live === undefined ? [] : [[keyId(keyOf(one.live)), one.live] as const])),
  );
  const shared = sharedResources(
    keys,
    (key) => {
      const object = liveByKey.get(keyId(key));
      return object === undefined ? undefined : { key, metadata: object.metadata };
    },
    {
      instance,
      tracking: live.settings.tracking,
      title: `${application.namespace}/${application.name}`,
    },
    (key) => live.desirers.of(key).map((desirer) => desirer.instance),
  );
  const strangers = await findStrangers(live, objects, {
    application,
    instance,
    attempted: attempt !== null,
  });
  const syncOptions = spec.syncPolicy?.syncOptions ?? [];
  const options = parseSyncOptions(syncOptions);
  return {
    fault,
    objects: objects.map((one) => withConfirmation(one, options, strangers)),
    findings: [
      ...findings,
      ...[...optionWarnings(syncOptions), ...annotationWarnings(application.annotations)].map((message) => ({
        type: 'SyncOptionWarning',
        message,
      })),
      ...comparisonConditions(objects, fault),
      ...healthErrors(live, objects).map((message) => ({ type: 'ComparisonError', message })),
      ...[...shared.values()].map((message) => ({ type: 'SharedResourceWarning', message })),
      ...strangers.findings,
      ...noEffectConditions(application, await findProject(deps.db, spec.project)),
    ],
  };
}

/**
 * Whether the destination namespace should have other labels and annotations than the last sync gave it. The
 * namespace itself isn't compared, since others put labels there too, and one from the source says it all itself.
 */
async function namespaceDiffers(
  deps: Pick<SessionDeps, 'db'>,
  application: ApplicationRow,
  compared: readonly Compared[],
): Promise<boolean> {
  const { syncPolicy, destination } = application.spec;
  const managed = syncPolicy?.managedNamespaceMetadata;
  if (managed === undefined || !parseSyncOptions(syncPolicy?.syncOptions ?? []).createNamespace) return false;
  const fromSource = compared.some(
    ({ status, desired }) =>
      desired !== undefined && status.kind === 'Namespace' && status.name === destination.namespace,
  );
  if (fromSource) return false;
  const recent = await listOperations(deps.db, application.id, 10);
  const last = recent.find(
    ({ kind, request, revision }) => kind === 'sync' && !request.dryRun && revision !== null,
  );
  if (last === undefined) return true;
  return !sameJson(managed, last.spec.syncPolicy?.managedNamespaceMetadata ?? null);
}

function withConfirmation(one: Compared, options: SyncOptions, { asking }: Strangers): Compared {
  const isStranger = one.live !== undefined && asking.has(one.live);
  if (one.hook || !(isStranger || needsDeletionApproval(one.desired, one.live, options))) return one;
  return { ...one, status: { ...one.status, requiresDeletionConfirmation: true } };
}

function treeOf(live: LiveCluster, compared: readonly Compared[]) {
  const objects = compared.flatMap((one) => (isTreeRoot(one) ? (one.live ?? one.desired ?? []) : []));
  return buildTree({
    targets: objects.map((object) => ({ key: keyOf(object), apiVersion: object.apiVersion })),
    get: live.cache.get,
    children: live.cache.children,
    assessHealth: live.assessHealth,
    maskedAnnotations: live.settings.maskedAnnotations,
  });
}

/**
 * Whether what was compared is what a render of the application would give now: made from the spec as it is, and
 * tracked as the settings say. Then a sync that follows from the comparison brings just that.
 */
function isCurrent(
  deps: Pick<SessionDeps, 'homeNamespace'>,
  live: LiveCluster,
  application: ApplicationRow,
  compared: readonly Compared[],
): boolean {
  if (application.desiredGeneration !== application.generation || application.renderError !== null)
    return false;
  const instance = instanceName({ metadata: application }, deps.homeNamespace);
  return compared.every(({ desired }) => {
    if (desired === undefined || isCustomResourceDefinition(desired)) return true;
    return ownerOf(trackedOf(desired), live.settings.tracking) === instance;
  });
}

/** A hook that does not exist at the moment is nothing that is missing. */
function isTreeRoot(one: Compared): boolean {
  return !one.hook || one.live !== undefined;
}

function observe(
  cluster: LiveCluster,
  application: ApplicationRow,
  found: ComparedSet & { readonly render: RenderRow | undefined; readonly namespaceDiffers: boolean },
): Observed {
  const { objects: compared, render } = found;
  const health = aggregateHealth(compared.flatMap((one) => (one.hook ? [] : [healthFact(cluster, one)])));
  const outOfSync =
    found.namespaceDiffers ||
    compared.some((one) => one.status.status === 'OutOfSync' && one.extraneous !== true);
  // An object that can't be compared costs only itself; what is in the way of all of them leaves nothing to tell.
  const blind = found.fault !== undefined || compared.some(({ isOutage }) => isOutage);
  const known = render !== undefined && application.renderError === null && !blind;
  const unread = compared.some((one) => one.status.status === 'Unknown');
  const resources = compared.slice(0, mostResources).map((one) => one.status);
  return {
    syncStatus: !known ? 'Unknown' : outOfSync ? 'OutOfSync' : unread ? 'Unknown' : 'Synced',
    healthStatus: render === undefined ? 'Unknown' : health.status,
    healthMessage: health.message ?? null,
    resources: known ? resources : resources.map(withoutVerdict),
    summary: summarize(compared),
  };
}

/** An object of an application whose desired state could not be loaded: nothing can be said of it. */
function withoutVerdict({ requiresPruning: _, ...status }: ResourceStatus): ResourceStatus {
  return status.status === undefined ? status : { ...status, status: 'Unknown' };
}

function healthFact(cluster: LiveCluster, { live, desired, problem }: Compared): HealthFact {
  const object = (live ?? desired) as Manifest;
  const unseen: HealthFact['health'] = problem === undefined ? undefined : { status: 'Unknown' };
  return {
    key: keyOf(object),
    exists: live !== undefined || unseen !== undefined,
    health: live === undefined ? unseen : cluster.assessHealth(live),
    ignored: live !== undefined && isIgnoredInHealth(live),
  };
}

function summarize(compared: readonly Compared[]): NonNullable<ApplicationStatus['summary']> {
  const images = new Set<string>();
  for (const { live } of compared) {
    for (const image of imagesOf(live)) images.add(image);
  }
  return images.size === 0 ? {} : { images: [...images].sort() };
}

/** Images of an object's pod template or of the pod itself. */
function imagesOf(live: Manifest | undefined): string[] {
  type PodSpec = { containers?: { image?: string }[]; initContainers?: { image?: string }[] };
  const spec = live?.['spec'] as (PodSpec & { template?: { spec?: PodSpec } }) | undefined;
  const pod = spec?.template?.spec ?? spec;
  return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].flatMap(({ image }) => image ?? []);
}
