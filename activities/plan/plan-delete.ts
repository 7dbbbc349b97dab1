import { instanceName } from '../../core/application/source/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatKey, type ResourceKey } from '../../core/object/key.ts';
import type { EffectiveProject } from '../../core/project/effective.ts';
import { type Writer, writerOf } from '../../core/project/roles/writer.ts';
import { type ObjectRefusal, objectRefusal } from '../../core/project/rules/refusal.ts';
import type { SyncPlan } from '../../core/sync/plan/plan.ts';
import { type DeleteInput, leftovers, planDelete } from '../../core/sync/plan/plan-delete.ts';
import { someOf } from '../../core/text/some-of.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import type { RenderRow } from '../../db/queries/application/render.ts';
import { listOperations, type OperationRow } from '../../db/queries/operation/operation.ts';
import { findPlan, latestPlan } from '../../db/queries/operation/plan.ts';
import { closeWaitsOfKind } from '../../db/queries/operation/wait.ts';
import { findEffectiveProject } from '../../db/queries/project/effective-project.ts';
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
      const cascade = asked?.cascade ?? 'foreground';
      const [render, project] = await Promise.all([
        renderOf(deps, application),
        findEffectiveProject(deps, operation.spec.project),
      ]);
      const ground = { project, cluster: session.view.address };
      const refusalOf = objectRefusal(ground);
      const plan = planDelete({
        ...(await trackedBy(session, deps, {
          operation,
          application,
          render,
          before: await lastWritten(deps, operation),
        })),
        refusalOf,
        desired: await loadDesired(deps.content, session.view, render),
        cascade,
        skipPreDelete: asked?.skipPreDelete === true,
        hooksAlone: asked?.hooksAlone === true,
        operation: {
          startedAtUnix: Math.floor((operation.startedAt ?? operation.requestedAt).getTime() / 1000),
          revision: render?.revision ?? '',
        },
      });
      if (plan.steps.length > 0) {
        const judged = { namespace: application.namespace, spec: operation.spec };
        const writer = writerOf(deps.settings.current(), ground, judged);
        requirePermitted(plan, refusalOf, project, writer);
      }
      return storeNewPlan(deps, ref, { plan, warnings: [] }, startedAt);
    },

    /** Names objects of the application that came up while its others were deleted; empty when there are none. */
    async findLeftovers(ref: AttemptRef): Promise<{ message: string }> {
      const session = deps.liveClusters.get(ref.clusterId);
      const [{ operation, application }, plan] = await Promise.all([
        readOperation(deps.db, ref),
        findPlan(deps.db, ref),
      ]);
      if (operation.request.deletion?.cascade === 'none') return { message: '' };
      const [render, project] = await Promise.all([
        renderOf(deps, application),
        findEffectiveProject(deps, operation.spec.project),
      ]);
      // What the plan has deleted is known to be gone: only what the watch has told since can be left.
      const tracked = await trackedBy(session, deps, { operation, application, render });
      const refusalOf = objectRefusal({ project, cluster: session.view.address });
      const found = leftovers({ ...tracked, refusalOf }, plan?.plan ?? { steps: [] });
      return { message: someOf(found.map(formatKey), shownLeftovers) };
    },
  };
}

const shownLeftovers = 3;

/**
 * A deletion whose hooks may not run, or that nobody may carry out, does not begin. Of a project that is not there or
 * can't be read nobody knows what may be deleted, so that nothing is.
 */
function requirePermitted(
  { steps }: SyncPlan,
  refusalOf: ObjectRefusal,
  project: EffectiveProject,
  writer: Writer,
): void {
  const hooks = steps.flatMap(({ action, key }) => {
    const refusal = action === 'create-hook' ? refusalOf(key) : undefined;
    return refusal === undefined ? [] : [`${formatKey(key)}: ${refusal}`];
  });
  const reason = project.usable ? (writer.refusal ?? hooks[0]) : project.message;
  if (reason !== undefined) throw new KeelsonError('precondition-failed', reason);
}

/** What is deleted, and what is known of its objects. */
type Deleted = {
  readonly operation: OperationRow;
  readonly application: ApplicationRow;
  readonly render: RenderRow | undefined;
  /** What was written last: with it nothing may be missed that the watch has yet to tell. */
  readonly before?: readonly ResourceKey[];
};

async function trackedBy(
  session: ClusterSession,
  { homeNamespace }: Pick<SessionDeps, 'homeNamespace'>,
  { operation, application, render, before }: Deleted,
): Promise<Pick<DeleteInput, 'live' | 'application'>> {
  const { name, namespace } = application;
  const instance = instanceName({ metadata: application }, homeNamespace);
  const tracked = await undesiredObjects(session, {
    instance,
    wanted: [],
    listed: application.resources,
    supposed: [...(render?.objects ?? []).map(({ key }) => key), ...(before ?? [])],
    surely: before !== undefined,
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

/** What the operation before was to write: no comparison needs to have seen it. */
async function lastWritten({ db }: SessionDeps, { id, applicationId }: OperationRow): Promise<ResourceKey[]> {
  const before = (await listOperations(db, applicationId, 2)).find((operation) => operation.id !== id);
  const row = before === undefined ? undefined : await latestPlan(db, before.id);
  const steps = row?.plan.steps ?? [];
  return steps.filter(({ action }) => action !== 'prune' && action !== 'skip-prune').map(({ key }) => key);
}

/** Hooks are those of the last render: a deletion must not depend on Git being there. */
async function renderOf(deps: SessionDeps, application: ApplicationRow): Promise<RenderRow | undefined> {
  return application.desiredRenderId === null ? undefined : deps.content.render(application.desiredRenderId);
}
