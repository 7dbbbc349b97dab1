import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { requestedRevisions } from '../../core/application/source/revisions.ts';
import { sourcesOf } from '../../core/application/source/source.ts';
import type { ApplicationSpec } from '../../core/application/spec/spec.ts';
import { describeError, KeelsonError } from '../../core/errors.ts';
import { sameJson } from '../../core/object/json/canonical.ts';
import { isWorthAnotherTry } from '../../core/retry-policy.ts';
import { rulesOf } from '../../core/sync/operation/initiator.ts';
import { isPinned } from '../../core/sync/operation/pinned.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { refreshSubject, saveDesired } from '../../db/queries/application/desired.ts';
import { type WaitingApplications, waitingInShard } from '../../db/queries/application/refresh-request.ts';
import type { RenderRow } from '../../db/queries/application/render.ts';
import { addTiming, type OperationRow, updateOperation } from '../../db/queries/operation/operation.ts';
import { whyUnreachable } from '../../db/queries/repository/away.ts';
import { isStoreUnavailable } from '../../db/store-unavailable.ts';
import type { AttemptRef } from '../../workflows/messages.ts';
import type { RecordDeps } from '../deps.ts';
import { readOperation } from '../operation/subject.ts';
import { refuseUnsignedUpload } from '../source/signatures.ts';
import { renderDesiredState, renderUploaded } from './desired.ts';
import { joinedSignal } from './joined-signal.ts';
import { followsChanges } from './new-versions.ts';
import type { DesiredDeps } from './rendering.ts';

/** While a chunk waits for its slowest, its other applications look so often whether they are asked for again. */
const lookAgainMilliseconds = 1000;

export function operationRenderActivities(deps: DesiredDeps) {
  return {
    /**
     * Resolves and renders what an operation brings to its cluster and pins it in the operation's row: later
     * attempts use the same revision unless the request asks for the newest one each time.
     */
    async renderOperation(ref: AttemptRef): Promise<void> {
      const startedAt = performance.now();
      const { operation, application } = await readOperation(deps.db, ref);
      if (isPinned(operation, ref.attempt)) return;
      const { manifests } = operation.request;
      const wanted = { application, spec: operation.spec, clusterId: ref.clusterId };
      if (manifests !== undefined) {
        await refuseUnsignedUpload(deps, operation.spec.project);
        const { revision, id: renderId } = await renderUploaded(deps, { ...wanted, manifests });
        await updateOperation(deps.db, operation, { revision, renderId });
        return;
      }
      const asked = revisionsOf(operation, ref.attempt);
      const isNewest = asked.revisions === undefined && sameJson(operation.spec, application.spec);
      let render: RenderRow;
      try {
        render = await renderDesiredState(deps, {
          ...wanted,
          ...asked,
          again: !rulesOf(operation.initiatedBy).followsApplication,
          signal: Context.current().cancellationSignal,
        });
      } catch (error) {
        if (isNewest) await replaceFailure(deps, application, error);
        throw error;
      }
      await deps.db.transaction(async (tx) => {
        await addTiming(tx, operation.id, 'render', performance.now() - startedAt);
        const isNews =
          application.desiredRenderId !== render.id ||
          application.desiredRevision !== render.revision ||
          application.renderError !== null;
        if (isNewest && isNews) {
          await saveDesired(tx, application, { render });
        }
        await updateOperation(tx, operation, { revision: render.revision, renderId: render.id });
      });
    },
  };
}

export function waitingActivities({ db }: Pick<RecordDeps, 'db'>) {
  return {
    /** A share's applications whose refresh requests nobody has answered. */
    async waitingApplications(input: { shard: number; shards: number }): Promise<WaitingApplications> {
      return waitingInShard(db, input.shard, input.shards);
    },
  };
}

export function refreshActivities(deps: DesiredDeps) {
  return {
    /**
     * Brings the desired states of applications up to their newest refresh requests; an error becomes the state of its
     * application, also one that nobody expects, after a few tries. Throws when any of them couldn't be tried for a
     * passing reason; the others are done then.
     */
    async renderDesired(input: {
      readonly applicationIds: readonly string[];
      readonly urgent?: boolean;
    }): Promise<void> {
      // Side by side: a Git server that hangs holds up its own applications and no others of the chunk.
      const { cancellationSignal } = Context.current();
      const first = new Set(input.applicationIds);
      const done = Promise.withResolvers<void>();
      const outcomes = await Promise.allSettled(
        input.applicationIds.map(async (id) => {
          try {
            await renderOne(deps, id, input.urgent === true);
          } finally {
            first.delete(id);
            if (first.size === 0) done.resolve();
          }
          // What is asked for meanwhile waits for the chunk, so the slowest of it must not hold it up.
          while (first.size > 0 && !cancellationSignal.aborted) {
            await Promise.race([done.promise, sleep(lookAgainMilliseconds)]);
            await renderOne(deps, id, input.urgent === true);
          }
        }),
      );
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}

/** An older reason why there is no desired state would contradict the one that the operation ends with. */
async function replaceFailure(deps: DesiredDeps, application: ApplicationRow, error: unknown): Promise<void> {
  const words = describeError(error);
  if (application.renderError === null || application.renderError === words || isTriedAgain(error)) return;
  await saveDesired(deps.db, application, { error: words });
}

/** Brings one application's desired state up to its newest refresh request. */
async function renderOne(deps: DesiredDeps, applicationId: string, urgent: boolean): Promise<void> {
  const subject = await refreshSubject(deps.db, applicationId);
  if (subject === undefined) return;
  const { application, dirty } = subject;
  if (dirty.renderedGeneration >= dirty.generation) return;
  if (application.clusterId === null) {
    const { name, server } = application.spec.destination;
    const error = `destination ${name ?? server ?? ''} is no registered cluster; add the cluster or correct spec.destination`;
    await saveDesired(deps.db, application, { error }, dirty.generation);
    return;
  }
  const isAsked = dirty.asked > 0 || dirty.hard > 0;
  const away = isAsked
    ? undefined
    : await whyUnreachable(deps.db, followedBy(application.spec), application.project);
  if (away !== undefined) {
    // Its check tells when it is back; a thousand applications that each wait for a host that hangs hold up all others.
    await saveDesired(deps.db, application, { error: away }, dirty.generation);
    return;
  }
  try {
    const render = await renderDesiredState(deps, {
      application,
      spec: application.spec,
      clusterId: application.clusterId,
      hard: dirty.hard > 0,
      again: dirty.asked > 0,
      urgent,
      listing: deps.listings.take(applicationId),
      signal: joinedSignal(),
    });
    await saveDesired(deps.db, application, { render }, dirty.generation);
  } catch (error) {
    if (isTriedAgain(error)) throw error;
    await saveDesired(deps.db, application, { error: describeError(error) }, dirty.generation);
  }
}

/**
 * Whether a failure is left to the activity's next try, and in the end to the sweeper: the cluster isn't connected yet, or
 * the store is away. Any other fault gets a few tries and then is what the application says.
 */
function isTriedAgain(error: unknown): boolean {
  const { cancellationSignal, info } = Context.current();
  if (cancellationSignal.aborted || isStoreUnavailable(error)) return true;
  if (error instanceof KeelsonError) return error.code === 'unavailable';
  return isWorthAnotherTry(error, info.attempt);
}

function followedBy(spec: ApplicationSpec): string[] {
  return sourcesOf(spec)
    .filter(followsChanges)
    .map(({ repoURL }) => repoURL);
}

/**
 * The revisions asked for. An automated sync asked for the one that was compared; a retry that refreshes goes back to
 * what the application follows, while a person's own revisions stay theirs and are only resolved again.
 */
function revisionsOf(operation: OperationRow, attempt: number): { revisions?: readonly string[] } {
  const { request, initiatedBy } = operation;
  const revisions = requestedRevisions(request);
  const refreshes = attempt > 1 && request.retry.refresh && rulesOf(initiatedBy).followsApplication;
  return revisions.length === 0 || refreshes ? {} : { revisions };
}
