import { instanceName } from '../../core/application/source/source.ts';
import { formatKey } from '../../core/object/key.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { type DeleteInput, leftovers, planDelete } from '../../core/sync/plan/plan-delete.ts';
import type { DesiredObject } from '../../core/sync/plan/plan-input.ts';
import { type ApplicationRow, getApplication } from '../../db/queries/application/application.ts';
import { loadManifests } from '../../db/queries/application/manifest.ts';
import { getRender, type RenderRow } from '../../db/queries/application/render.ts';
import { getOperation, type OperationRow } from '../../db/queries/operation/operation.ts';
import { findPlan } from '../../db/queries/operation/plan.ts';
import { closeWaitsOfKind } from '../../db/queries/operation/wait.ts';
import type { AttemptRef, PlanSummary } from '../../workflows/messages.ts';
import type { SessionDeps } from '../deps.ts';
import { liveObject } from '../session/compare/live-object.ts';
import { undesiredObjects } from '../session/compare/live-side.ts';
import type { LiveCluster } from '../session/live-clusters.ts';
import { goneError, storeNewPlan, summaryOf } from './plan.ts';

export function planDeleteActivities(deps: SessionDeps) {
  return {
    /** Decides the deletion of everything that is tracked as the application's; the stored decision stays. */
    async planDelete(ref: AttemptRef): Promise<PlanSummary> {
      const startedAt = performance.now();
      const live = deps.liveClusters.get(ref.clusterId);
      await closeWaitsOfKind(deps.db, ref.operationId, ['session']);
      const stored = await findPlan(deps.db, ref);
      if (stored !== undefined) return summaryOf(stored);
      const { operation, application } = await readSubject(deps, ref);
      const asked = operation.request.deletion;
      const render = await renderOf(deps, application);
      const plan = planDelete({
        ...(await trackedBy(deps, live, operation, application, render)),
        desired: await desiredOf(deps, render),
        cascade: asked?.cascade ?? 'foreground',
        skipPreDelete: asked?.skipPreDelete === true,
        operation: {
          startedAtUnix: Math.floor((operation.startedAt ?? operation.requestedAt).getTime() / 1000),
          revision: render?.revision ?? '',
        },
      });
      return storeNewPlan(deps, ref, plan, [], startedAt);
    },

    /** Names objects of the application that came up while its others were deleted; empty when there are none. */
    async findLeftovers(ref: AttemptRef): Promise<{ message: string }> {
      const live = deps.liveClusters.get(ref.clusterId);
      const [{ operation, application }, plan] = await Promise.all([
        readSubject(deps, ref),
        findPlan(deps.db, ref),
      ]);
      const render = await renderOf(deps, application);
      const tracked = await trackedBy(deps, live, operation, application, render);
      const found = leftovers(tracked, plan?.plan ?? { steps: [] });
      const named = found.slice(0, shownLeftovers).map(formatKey).join(', ');
      const more = found.length > shownLeftovers ? ` and ${found.length - shownLeftovers} more` : '';
      return { message: `${named}${more}` };
    },
  };
}

const shownLeftovers = 3;

async function readSubject(
  deps: SessionDeps,
  ref: AttemptRef,
): Promise<{ operation: OperationRow; application: ApplicationRow }> {
  const [operation, application] = await Promise.all([
    getOperation(deps.db, ref.operationId),
    getApplication(deps.db, ref.applicationId),
  ]);
  if (operation === undefined || application === undefined) throw goneError(ref);
  return { operation, application };
}

async function trackedBy(
  deps: SessionDeps,
  live: LiveCluster,
  operation: OperationRow,
  application: ApplicationRow,
  render: RenderRow | undefined,
): Promise<Pick<DeleteInput, 'live' | 'application'>> {
  const { name, namespace } = application;
  const instance = instanceName({ metadata: application }, deps.homeNamespace);
  const tracked = await undesiredObjects(live, {
    instance,
    wanted: [],
    listed: application.resources,
    supposed: render?.objects.map(({ key }) => key),
  });
  const own = tracked.filter(({ formerlyTracked }) => !formerlyTracked).map(({ object }) => object);
  const strangers = await live.applied.strangers(own);
  return {
    live: own.map((object) => ({ ...liveObject(object, false), stranger: strangers.has(object) })),
    application: {
      name,
      namespace,
      instance,
      destinationNamespace: operation.spec.destination.namespace ?? '',
      syncOptions: operation.spec.syncPolicy?.syncOptions ?? [],
      tracking: live.settings.tracking,
    },
  };
}

/** Hooks are those of the last render: a deletion must not depend on Git being there. */
async function renderOf(deps: SessionDeps, application: ApplicationRow): Promise<RenderRow | undefined> {
  return application.desiredRenderId === null ? undefined : getRender(deps.db, application.desiredRenderId);
}

async function desiredOf(deps: SessionDeps, render: RenderRow | undefined): Promise<DesiredObject[]> {
  const objects = render?.objects ?? [];
  const digests = objects.map(({ digest }) => digest);
  const manifests = await loadManifests(deps.db, deps.keyring, digests);
  return objects.map(({ digest, key }) => ({
    manifest: manifests.get(digest) as Manifest,
    digest,
    namespaced: key.namespace !== '',
  }));
}
