import { contextFault } from '../../cluster/compare-object.ts';
import { buildTree } from '../../cluster/tree.ts';
import type { AutoSyncDecision } from '../../core/application/autosync.ts';
import { instanceName } from '../../core/application/source.ts';
import type { ApplicationStatus, Condition } from '../../core/application/status.ts';
import { compareContext } from '../../core/diff/context.ts';
import { aggregateHealth, type HealthFact, isIgnoredInHealth } from '../../core/health/aggregate.ts';
import { keyOf, type Manifest } from '../../core/object/manifest.ts';
import { type ApplicationRow, getApplication } from '../../db/queries/application.ts';
import { readDirty } from '../../db/queries/dirty.ts';
import type { RenderRow } from '../../db/queries/render.ts';
import type { Deps } from '../deps.ts';
import { decideFor, startAutoSync } from './auto-sync.ts';
import { type Compared, compareObjects } from './compare.ts';
import { comparisonConditions } from './comparison-conditions.ts';
import type { LiveCluster } from './live-clusters.ts';

/** What a comparison found, as it is stored with the application. */
export type Observed = Pick<
  ApplicationRow,
  'syncStatus' | 'healthStatus' | 'healthMessage' | 'conditions' | 'resources' | 'summary'
>;

/** Entries of `status.resources`: beyond it an application's row would grow too large to be read on every page. */
const mostResources = 5000;
/** Pause after which objects that could not be compared are tried again. */
const failedMilliseconds = 10_000;

/**
 * Compares one application with the live cache, stores status and tree where they changed, and starts an automated
 * sync where the application asks for one. Answers when to look again at the latest, if there is such a time.
 */
export async function reconcile(
  deps: Deps,
  live: LiveCluster,
  applicationId: string,
): Promise<{ againAt?: Date }> {
  const [application, dirty] = await Promise.all([
    getApplication(deps.db, applicationId),
    readDirty(deps.db, applicationId),
  ]);
  if (application === undefined || application.clusterId !== live.clusterId) return {};
  const render =
    application.desiredRenderId === null ? undefined : await deps.content.render(application.desiredRenderId);
  const { compared, fault } = await compareWith(deps, live, application, render);
  const found = observe(live, application, compared, render);
  const decision = await decideFor(deps, application, found.syncStatus, compared);
  const observed = {
    ...found,
    conditions: conditionsOf(application, decision, comparisonConditions(compared, fault)),
  };
  const objects = compared.flatMap((one) => (isTreeRoot(one) ? (one.live ?? one.desired ?? []) : []));
  const nodes = buildTree({
    targets: objects.map((object) => ({ key: keyOf(object), apiVersion: object.apiVersion })),
    get: live.cache.get,
    children: live.cache.children,
    assessHealth: live.assessHealth,
  });
  const answers = dirty !== undefined && dirty.comparedGeneration < dirty.renderedGeneration;
  await live.observations.save(application, {
    observed,
    nodes,
    ...(answers ? { comparedGeneration: dirty.renderedGeneration } : {}),
  });
  if (decision?.action === 'sync') await startAutoSync(deps, application, decision.request);
  const waitUntil = decision?.action === 'wait' ? decision.untilUnix * 1000 : undefined;
  const failedUntil = compared.some(({ problem }) => problem !== undefined)
    ? Date.now() + failedMilliseconds
    : undefined;
  const again = Math.min(...[waitUntil, failedUntil].filter((time) => time !== undefined));
  return Number.isFinite(again) ? { againAt: new Date(again) } : {};
}

async function compareWith(
  deps: Deps,
  live: LiveCluster,
  application: ApplicationRow,
  render: RenderRow | undefined,
): Promise<{ compared: Compared[]; fault: string | undefined }> {
  const manifests = await deps.content.manifests((render?.objects ?? []).map((object) => object.digest));
  const desired = (render?.objects ?? []).map(({ digest }) => ({
    manifest: manifests.get(digest) as Manifest,
    digest,
  }));
  const context = compareContext(live.settings, application);
  const fault = await contextFault(deps.jq, context);
  const compared = await compareObjects(live, {
    desired,
    instance: instanceName({ metadata: application }, deps.homeNamespace),
    syncOptions: application.spec.syncPolicy?.syncOptions ?? [],
    context,
    fault,
  });
  return { compared, fault };
}

/** A hook that does not exist at the moment is nothing that is missing. */
function isTreeRoot(one: Compared): boolean {
  return !one.hook || one.live !== undefined;
}

function observe(
  cluster: LiveCluster,
  application: ApplicationRow,
  compared: readonly Compared[],
  render: RenderRow | undefined,
): Omit<Observed, 'conditions'> {
  const health = aggregateHealth(compared.flatMap((one) => (one.hook ? [] : [healthFact(cluster, one)])));
  const outOfSync = compared.some((one) => one.status.status === 'OutOfSync' && one.extraneous !== true);
  const failed = compared.some((one) => one.status.status === 'Unknown');
  const known = render !== undefined && application.renderError === null && !failed;
  return {
    syncStatus: known ? (outOfSync ? 'OutOfSync' : 'Synced') : 'Unknown',
    healthStatus: render === undefined ? 'Unknown' : health.status,
    healthMessage: health.message ?? null,
    resources: compared.slice(0, mostResources).map((one) => one.status),
    summary: summarize(compared),
  };
}

function healthFact(cluster: LiveCluster, { live, desired }: Compared): HealthFact {
  const object = (live ?? desired) as Manifest;
  return {
    key: keyOf(object),
    exists: live !== undefined,
    health: live === undefined ? undefined : cluster.assessHealth(live),
    ignored: live !== undefined && isIgnoredInHealth(live),
  };
}

/** What stops automated syncs is worth a condition too; one that stands keeps the time at which it came. */
function conditionsOf(
  application: ApplicationRow,
  decision: AutoSyncDecision | undefined,
  found: readonly Pick<Condition, 'type' | 'message'>[],
): Condition[] {
  const stopped =
    decision?.action === 'none' && decision.condition
      ? [{ type: 'SyncError', message: decision.reason }]
      : [];
  return [...found, ...stopped].map(({ type, message }) => {
    const before = application.conditions.find(
      (condition) => condition.type === type && condition.message === message,
    );
    return before ?? { type, message, lastTransitionTime: new Date().toISOString() };
  });
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
