import { Context } from '@temporalio/activity';
import { splitRevisions } from '../core/application/revisions.ts';
import { sourcesOf } from '../core/application/source.ts';
import { KeelsonError } from '../core/errors.ts';
import { raiseDirty } from '../db/queries/dirty.ts';
import { applicationsOfRepository, dueRepositories, recordRefs } from '../db/queries/due.ts';
import type { RepositoryRow } from '../db/queries/repository.ts';
import { repositoryAccess } from '../db/queries/repository-access.ts';
import type { Deps } from './deps.ts';
import { findRevision, type RemoteRefs } from './git/refs.ts';

/** Share of the interval that is added at random, so that repositories don't come due together. */
const jitterShare = 1 / 3;
/** Longest pause between two checks of a repository that keeps failing, in intervals. */
const mostIntervals = 8;
/** Repositories of one run; the rest comes with the next tick. */
const mostPerRun = 500;

export function repositoryActivities(deps: Deps) {
  return {
    /**
     * Lists the refs of every repository that is due, once each, and raises the applications whose revision has
     * moved. A repository that can't be read is asked less and less often; the error is kept with it.
     */
    async checkRepositories(): Promise<{ applicationIds: string[] }> {
      const raised: string[] = [];
      for (const repository of await dueRepositories(deps.db, mostPerRun)) {
        const signal = Context.current().cancellationSignal;
        signal.throwIfAborted();
        const refs = await listDue(deps, repository, signal);
        if (refs !== undefined) raised.push(...(await raiseMoved(deps, repository.url, refs)));
      }
      return { applicationIds: raised };
    },
  };
}

async function listDue(
  deps: Deps,
  repository: RepositoryRow,
  signal: AbortSignal,
): Promise<RemoteRefs | undefined> {
  const interval = deps.reconcileSeconds * (1 + Math.random() * jitterShare);
  try {
    const access = await repositoryAccess(deps.db, deps.keyring, repository.url, repository.project);
    const refs = await deps.git.listRefs({ access, signal });
    await recordRefs(deps.db, repository.id, {
      refs: Object.fromEntries(refs.commits),
      afterSeconds: interval,
    });
    return refs;
  } catch (error) {
    if (!(error instanceof KeelsonError)) throw error;
    const failures = repository.failures + 1;
    await recordRefs(deps.db, repository.id, {
      error: error.message,
      failures,
      afterSeconds: interval * Math.min(2 ** failures, mostIntervals),
    });
    return undefined;
  }
}

/** Compares with what each application has rendered, not with the last listing: so no push between two looks is lost. */
async function raiseMoved(deps: Deps, url: string, refs: RemoteRefs): Promise<string[]> {
  const raised: string[] = [];
  for (const application of await applicationsOfRepository(deps.db, url)) {
    const rendered = application.desiredRevision === null ? [] : splitRevisions(application.desiredRevision);
    const moved = sourcesOf(application.spec).some((source, position) => {
      const found = findRevision(refs, source.targetRevision ?? '');
      return source.repoURL === url && found !== undefined && found.sha !== rendered[position];
    });
    if (!moved) continue;
    await raiseDirty(deps.db, application.id);
    raised.push(application.id);
  }
  return raised;
}
