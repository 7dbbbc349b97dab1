import { instanceName } from '../../core/application/source/source.ts';
import { formatKey } from '../../core/object/key.ts';
import { type DeleteInput, leftovers, planDelete } from '../../core/sync/plan/plan-delete.ts';
import { someOf } from '../../core/text/some-of.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import type { RenderRow } from '../../db/queries/application/render.ts';
import type { OperationRow } from '../../db/queries/operation/operation.ts';
import { findPlan } from '../../db/queries/operation/plan.ts';
import { closeWaitsOfKind } from '../../db/queries/operation/wait.ts';
import type { AttemptRef, PlanSummary } from '../../workflows/messages.ts';
import type { SessionDeps } from '../deps.ts';
import { readOperation } from '../operation/subject.ts';
import type { ClusterSession } from '../session/cluster-session.ts';
import { loadDesired } from '../session/compare/desired-objects.ts';
import { liveObject } from '../session/compare/live-object.ts';
import { undesiredObjects } from '../session/compare/live-side.ts';
import { storeNewPlan, summaryOf } from './plan.ts';

export function planDeleteActivities(deps: SessionDeps) {
  return {
    /** Decides the deletion of everything that is tracked as the application's; the stored decision stays. */
    async planDelete(ref: AttemptRef): Promise<PlanSummary> {
      const startedAt = performance.now();
      const session = deps.liveClusters.get(ref.clusterId);
      await closeWaitsOfKind(deps.db, ref.operationId, ['session']);
      const stored = await findPlan(deps.db, ref);
      if (stored !== undefined) return summaryOf(stored);
      const { operation, application } = await readOperation(deps.db, ref);
      const asked = operation.request.deletion;
      const render = await renderOf(deps, application);
      const plan = planDelete({
        ...(await trackedBy(deps, session, operation, application, render)),
        desired: await loadDesired(deps.content, session.view, render),
        cascade: asked?.cascade ?? 'foreground',
        skipPreDelete: asked?.skipPreDelete === true,
        operation: {
          startedAtUnix: Math.floor((operation.startedAt ?? operation.requestedAt).getTime() / 1000),
          revision: render?.revision ?? '',
        },
      });
      return storeNewPlan(deps, ref, { plan, warnings: [] }, startedAt);
    },

    /** Names objects of the application that came up while its others were deleted; empty when there are none. */
    async findLeftovers(ref: AttemptRef): Promise<{ message: string }> {
      const session = deps.liveClusters.get(ref.clusterId);
      const [{ operation, application }, plan] = await Promise.all([
        readOperation(deps.db, ref),
        findPlan(deps.db, ref),
      ]);
      const render = await renderOf(deps, application);
      const tracked = await trackedBy(deps, session, operation, application, render);
      const found = leftovers(tracked, plan?.plan ?? { steps: [] });
      return { message: someOf(found.map(formatKey), shownLeftovers) };
    },
  };
}

const shownLeftovers = 3;

async function trackedBy(
  deps: SessionDeps,
  session: ClusterSession,
  operation: OperationRow,
  application: ApplicationRow,
  render: RenderRow | undefined,
): Promise<Pick<DeleteInput, 'live' | 'application'>> {
  const { name, namespace } = application;
  const instance = instanceName({ metadata: application }, deps.homeNamespace);
  const tracked = await undesiredObjects(session, {
    instance,
    wanted: [],
    listed: application.resources,
    supposed: render?.objects.map(({ key }) => key),
  });
  const own = tracked.filter(({ formerlyTracked }) => !formerlyTracked).map(({ object }) => object);
  const strangers = await session.applied.strangers(own);
  return {
    live: own.map((object) => ({ ...liveObject(object, false), stranger: strangers.has(object) })),
    application: {
      name,
      namespace,
      instance,
      destinationNamespace: operation.spec.destination.namespace ?? '',
      syncOptions: operation.spec.syncPolicy?.syncOptions ?? [],
      tracking: session.view.settings.tracking,
    },
  };
}

/** Hooks are those of the last render: a deletion must not depend on Git being there. */
async function renderOf(deps: SessionDeps, application: ApplicationRow): Promise<RenderRow | undefined> {
  return application.desiredRenderId === null ? undefined : deps.content.render(application.desiredRenderId);
}
