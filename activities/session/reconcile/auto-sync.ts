import { randomUUID } from 'node:crypto';
import { namespaceFault } from '../../../control/application/home.ts';
import {
  type AutoSyncDecision,
  type ComparedResource,
  decideAutoSync,
  type LastOperation,
} from '../../../core/application/automation/autosync.ts';
import type { ComparedObject } from '../../../core/application/compared.ts';
import type { Observed } from '../../../core/application/observe.ts';
import { joinNamed } from '../../../core/application/source/revisions.ts';
import { hasMultipleSources, sourcesOf } from '../../../core/application/source/source.ts';
import type { ApplicationSpec } from '../../../core/application/spec/spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { homePause } from '../../../core/home/conditions.ts';
import { misdeployment } from '../../../core/no-effect/application.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';
import { isCustomResourceDefinition } from '../../../core/object/manifest/definition.ts';
import type { EffectiveProject } from '../../../core/project/effective.ts';
import { whyUntrusted } from '../../../core/render-trust.ts';
import type { SelfHealDelay } from '../../../core/settings/words/read-pace.ts';
import { automation, rulesOf } from '../../../core/sync/operation/initiator.ts';
import type { SyncRequest } from '../../../core/sync/operation/operation.ts';
import { isOutdated } from '../../../core/sync/operation/supersede.ts';
import { ownerOf, trackedOf } from '../../../core/sync/tracking/tracking.ts';
import type { ApplicationRow } from '../../../db/queries/application/application.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import { asSession } from '../../../db/queries/cluster/session.ts';
import type { OperationRow } from '../../../db/queries/operation/operation.ts';
import { type PreparedPlan, requestAsSession } from '../../../db/queries/operation/operation-request.ts';
import { dropSuccessor, queueSuccessor } from '../../../db/queries/operation/succession.ts';
import type { SessionDeps } from '../../deps.ts';
import { sealPlan } from '../../plan/seal-plan.ts';
import type { ClusterSession } from '../cluster-session.ts';
import { decidePlan } from './decide-plan.ts';
import type { Subject } from './subject.ts';
import type { TakenPicture } from './take.ts';

/** A cluster that takes longer over the dry runs of a plan holds up no comparison: the sync plans by itself then. */
const prepareMilliseconds = 5000;

/** What follows from a comparison for automated sync. */
export type AutoSync = {
  /** Undefined where the application never syncs by itself. */
  readonly decision: AutoSyncDecision | undefined;
  /** The automated sync that is live, and whether what was compared is newer than it. */
  readonly running?: { readonly operation: OperationRow; readonly outdated: boolean };
  /** Whether something is queued behind the live operation. */
  readonly queued: boolean;
};

/** Decides whether the application syncs by itself after this comparison. */
export function decideFor(
  { application, latest, attempt, queued, render }: Subject,
  { objects }: Pick<TakenPicture, 'objects'>,
  { syncStatus }: Pick<Observed, 'syncStatus'>,
  selfHealDelay: SelfHealDelay,
): AutoSync {
  if (application.spec.syncPolicy?.automated === undefined || application.clusterId === null) {
    return { decision: undefined, queued };
  }
  // Revisions count by position: those of a list that has changed since would go to the wrong sources.
  const current = application.desiredGeneration === application.generation;
  if (hasMultipleSources(application.spec) && !current) return { decision: undefined, queued };
  const running = latest === null || latest.finishedAt !== null ? undefined : runningOf(application, latest);
  const decision = decideAutoSync({
    syncPolicy: application.spec.syncPolicy,
    operationInProgress: running?.outdated === false,
    // Half deleted is what somebody wanted gone: it comes back only when somebody says so.
    deleting: application.deletionRequestedAt !== null || application.deletionFailure !== null,
    hold: homePause(application),
    syncStatus,
    revision: application.desiredRevision ?? '',
    several: hasMultipleSources(application.spec),
    sources: sourcesOf(application.spec),
    resources: objects.map(comparedResource),
    misdeployment: misdeployment(application.spec),
    untrusted: whyUntrusted(render?.warnings ?? []) !== undefined,
    last: attempt === null ? undefined : lastOperation(attempt, application),
    selfHealDelay,
    nowUnix: Date.now() / 1000,
  });
  return { decision, queued, ...(running === undefined ? {} : { running }) };
}

function runningOf(application: ApplicationRow, operation: OperationRow) {
  const live = {
    kind: operation.kind,
    initiatedBy: operation.initiatedBy,
    revision: operation.revision ?? joinNamed(operation.request) ?? '',
    sources: sourcesOf(operation.spec),
  };
  const newest = { revision: application.desiredRevision ?? '', sources: sourcesOf(application.spec) };
  return { operation, outdated: !isOfRender(operation, application) && isOutdated(live, newest) };
}

/**
 * Does what was decided: requests the sync, or queues it behind the automated sync of an older revision, which gives
 * way at its next step. Only the session that has the cluster may: an earlier one could know an older revision.
 */
export async function followDecision(
  deps: SessionDeps,
  session: ClusterSession,
  compared: ComparedApplication,
  { decision, running, queued }: AutoSync,
): Promise<void> {
  const { application } = compared.subject;
  if (application.clusterId === null) return;
  if (namespaceFault(deps, deps.homeNamespace, application.namespace) !== undefined) return;
  const { clusterId } = session;
  if (running === undefined) {
    if (decision?.action === 'sync') await startAutoSync(deps, session, compared, decision.request);
    return;
  }
  const { operation, outdated } = running;
  if (!outdated) {
    if (queued && rulesOf(operation.initiatedBy).givesWay) await dropSuccessor(deps.db, application.id);
    return;
  }
  const request = decision?.action === 'sync' ? decision.request : null;
  // What windows stop under way gives way at once: nothing of the older revision is written when they open.
  const isOver = decision?.action === 'held' || compared.observed.syncStatus === 'Synced';
  if (request === null && !isOver) return;
  const isLive = await asSession(deps.db, session, (tx) =>
    queueSuccessor(tx, operation, {
      application: { ...application, clusterId },
      revision: application.desiredRevision ?? '',
      request,
    }),
  );
  if (isLive) await deps.engine.nudgeOperation(operation);
}

/** What was compared, and what came of it. */
type ComparedApplication = {
  readonly subject: Subject;
  readonly picture: TakenPicture;
  readonly observed: Pick<Observed, 'syncStatus'>;
};

/** Requests an automated sync, unless somebody else's operation was committed first. */
async function startAutoSync(
  deps: SessionDeps,
  session: ClusterSession,
  { subject, picture }: ComparedApplication,
  request: SyncRequest,
): Promise<void> {
  const { application, project } = subject;
  const { clusterId } = session;
  const id = randomUUID();
  const render = broughtRender(session, subject, picture);
  const brought = render?.revision === joinNamed(request) ? render : undefined;
  const plan =
    brought &&
    (await prepare(deps, session, { id, application, project, request, render: brought, picture }));
  try {
    await requestAsSession(deps.db, session, {
      id,
      application,
      kind: 'sync',
      initiatedBy: automation,
      request,
      render: brought,
      plan,
    });
    await deps.engine.startOperation({ id, applicationId: application.id, kind: 'sync', clusterId });
  } catch (error) {
    // The end of the other operation brings the next comparison.
    if (!(error instanceof KeelsonError) || error.code !== 'precondition-failed') throw error;
  }
}

/**
 * The render that a sync brings: that of the comparison, where it is what a render of the application would give now,
 * made from the spec as it is and tracked as the settings say.
 */
function broughtRender(
  { view }: Pick<ClusterSession, 'view'>,
  { application, instance, render }: Subject,
  { objects }: TakenPicture,
): RenderRow | undefined {
  if (application.desiredGeneration !== application.generation || application.renderError !== null)
    return undefined;
  const isCurrent = objects.every(({ desired }) => {
    if (desired === undefined || isCustomResourceDefinition(desired)) return true;
    return ownerOf(trackedOf(desired), view.settings.tracking) === instance;
  });
  return isCurrent && render !== undefined
    ? { ...render, revision: application.desiredRevision ?? '' }
    : undefined;
}

/** The plan of a sync that is about to be requested, made from the picture that asks for it. */
async function prepare(
  deps: SessionDeps,
  session: ClusterSession,
  wanted: {
    readonly id: string;
    readonly application: ApplicationRow;
    readonly request: SyncRequest;
    readonly project: EffectiveProject;
    readonly render: RenderRow;
    readonly picture: TakenPicture;
  },
): Promise<PreparedPlan | undefined> {
  const { application, request, render, picture, project } = wanted;
  const startedAt = performance.now();
  try {
    const decided = await decidePlan(deps, session, {
      ref: {
        applicationId: application.id,
        operationId: wanted.id,
        clusterId: session.clusterId,
        attempt: 1,
      },
      request,
      spec: application.spec,
      startedAt: new Date(),
      application,
      project,
      render,
      picture,
      signal: AbortSignal.timeout(prepareMilliseconds),
    });
    const milliseconds = Math.round(performance.now() - startedAt);
    return decided.plan.refused === undefined
      ? { ...sealPlan(deps.keyring, decided), milliseconds }
      : undefined;
  } catch (error) {
    // The sync plans again, with its retries, and says in its own words what is wrong.
    deps.log.debug(
      { applicationId: application.id, error: String(error) },
      'sync could not be planned ahead',
    );
    return undefined;
  }
}

function comparedResource({ status, refusal }: ComparedObject): ComparedResource {
  return {
    group: status.group ?? '',
    kind: status.kind ?? '',
    name: status.name ?? '',
    ...(status.namespace === undefined ? {} : { namespace: status.namespace }),
    status: status.status,
    requiresPruning: status.requiresPruning ?? false,
    ...(refusal === undefined ? {} : { refused: true }),
  };
}

/** Whether an operation brings what the application has rendered now, which a commit to other files doesn't change. */
function isOfRender(operation: OperationRow, application: ApplicationRow): boolean {
  return operation.renderId !== null && operation.renderId === application.desiredRenderId;
}

function changeSince(before: ApplicationSpec, now: ApplicationSpec): LastOperation['change'] {
  if (!sameJson(before.destination, now.destination)) return 'destination';
  return sameJson(before, now) ? 'nothing' : 'spec';
}

function lastOperation(row: OperationRow, application: ApplicationRow): LastOperation {
  // What gave the same is no other revision: it was attempted already, and its self-heals count on.
  const revision = isOfRender(row, application) ? application.desiredRevision : row.revision;
  return {
    phase: row.phase,
    message: row.message,
    ...(revision === null ? {} : { revision }),
    sources: sourcesOf(row.spec),
    change: changeSince(row.spec, application.spec),
    ...(row.finishedAt === null ? {} : { finishedAtUnix: row.finishedAt.getTime() / 1000 }),
    selfHealAttempts: row.request.selfHealAttempts,
  };
}
