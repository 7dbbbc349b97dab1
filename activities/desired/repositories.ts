import { Context } from '@temporalio/activity';
import { sourcesOf } from '../../core/application/source/source.ts';
import { KeelsonError } from '../../core/errors.ts';
import { hostOf } from '../../core/repository/address.ts';
import { anySignal } from '../../core/waiting/any-signal.ts';
import { requestRefreshes } from '../../db/queries/application/refresh-request.ts';
import { failuresUntilUnreachable, notifyFollowers } from '../../db/queries/repository/away.ts';
import {
  claimDue,
  claimRepository,
  followersOf,
  moveRevisions,
  recordRefs,
} from '../../db/queries/repository/due.ts';
import type { RepositoryRow } from '../../db/queries/repository/repository.ts';
import { repositoryAccess } from '../../db/queries/repository/repository-access.ts';
import { createLimiter, type Limiter } from '../../platform/limiter.ts';
import type { GitSource, RemoteRefs } from '../git/git.ts';
import { consequencesOf } from './moved.ts';
import { followsChanges, type NewVersions, newVersions, type Published } from './new-versions.ts';
import { listingSecondsOf, untilDueSeconds } from './pace.ts';
import type { DesiredDeps } from './rendering.ts';

/** Longest pause between two checks of a repository that keeps failing, in intervals. */
const mostIntervals = 8;
/** Repositories of one run; the rest comes with the next tick. */
const mostPerRun = 500;
/** No Git server minds so many connections; a host that hangs holds up no other. */
const perHost = 4;
const atOnce = 20;
/** A push that changes no more applications than this goes before what else waits; larger ones are such a backlog. */
const few = 50;
/** Of those that failed the last time: several hosts that hang leave room for the others. */
const failedAtOnce = 5;
/** A repository that was taken is checked within so many times the deadline of a listing, or left to the next run. */
const leaseListings = 2.5;

export function repositoryActivities(deps: DesiredDeps) {
  const all = createLimiter(atOnce);
  const failed = createLimiter(failedAtOnce);
  const hosts = new Map<string, Limiter>();
  const limiterOf = (host: string): Limiter => {
    const limiter = hosts.get(host) ?? createLimiter(perHost);
    hosts.set(host, limiter);
    return limiter;
  };

  return {
    /**
     * Lists the refs of every repository that is due (or of the given one), once each, and raises the applications that
     * what was pushed or published changes; the others move on to the new revision. A repository that can't be read is asked less and
     * less often; the error is kept with it.
     */
    async checkRepositories(input: { readonly repositoryId?: string } = {}): Promise<void> {
      const signal = Context.current().cancellationSignal;
      const { repositoryId } = input;
      const listingSeconds = listingSecondsOf(deps);
      const leaseSeconds = listingSeconds * leaseListings;
      const rows =
        repositoryId === undefined
          ? await claimDue(deps.db, { limit: mostPerRun, leaseSeconds })
          : await claimRepository(deps.db, repositoryId, leaseSeconds);
      const claimedAt = performance.now();
      const checks = sameRepositories(rows).map((same) => {
        const inTurn = (): Promise<void> =>
          all.run(async () => {
            // Too late to be done before another run takes it.
            if (performance.now() - claimedAt > (leaseSeconds - listingSeconds) * 1000) return;
            await check(deps, same, { signal, pushed: repositoryId !== undefined });
          }, signal);
        const turn = failuresOf(same) === 0 ? inTurn : () => failed.run(inTurn, signal);
        return limiterOf(hostOf(same[0].url)).run(turn, signal);
      });
      const outcomes = await Promise.allSettled(checks);
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}

/** Rows of one repository, which applications may write in several ways. */
type SameRepository = readonly [RepositoryRow, ...RepositoryRow[]];

function sameRepositories(rows: readonly RepositoryRow[]): SameRepository[] {
  const groups = new Map<string, [RepositoryRow, ...RepositoryRow[]]>();
  for (const row of rows) {
    const id = `${row.project} ${row.urlKey || row.url}`;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

async function check(
  deps: DesiredDeps,
  same: SameRepository,
  { signal, pushed }: { readonly signal: AbortSignal; readonly pushed: boolean },
): Promise<void> {
  const [{ url, project }] = same;
  const access = await repositoryAccess(deps.db, deps.keyring, url, project);
  const urls = same.map((row) => row.url);
  if (same[0].type !== 'git') return await checkVersions(deps, same, { urls, access, signal });
  const git = { access, signal };
  const refs = await listDue(deps, same, git);
  if (refs === undefined) return;
  const { raised, moves } = await consequencesOf(deps, { urls, refs, git }, await followersOf(deps.db, urls));
  const urgent = pushed && raised.length <= few;
  if (urgent) deps.listings.note({ urls, refs }, raised);
  await requestRefreshes(deps.db, raised, { urgent });
  await moveRevisions(deps.db, moves);
  // Last, so that a check whose worker dies before it has told anybody is done again when its lease ends.
  const found = { refs: Object.fromEntries(refs.commits), afterSeconds: untilDueSeconds(deps) };
  await recordRefs(deps.db, idsOf(same), found);
  await deps.engine.refreshApplications(raised);
}

/** Looks for new versions of charts and artifacts that applications follow by a constraint or a tag. */
async function checkVersions(deps: DesiredDeps, same: SameRepository, published: Published): Promise<void> {
  const { signal } = published;
  const timeout = AbortSignal.timeout(listingSecondsOf(deps) * 1000);
  const followers = await followersOf(deps.db, published.urls);
  const bounded = { ...published, signal: anySignal([signal, timeout]) };
  const found = await newVersions(deps, bounded, followers).catch((error: unknown): NewVersions => {
    if (signal.aborted || !timeout.aborted) throw error;
    return { raised: [], asked: true, failure: new KeelsonError('timeout', tooSlow(deps, same[0].url)) };
  });
  await requestRefreshes(deps.db, found.raised);
  // Of a repository that nobody asked anything nothing is known; it is due again when its lease ends.
  if (found.failure !== undefined) await recordFailure(deps, same, found.failure.message);
  else if (found.asked)
    await recordRefs(deps.db, idsOf(same), { refs: {}, afterSeconds: untilDueSeconds(deps) });
  await deps.engine.refreshApplications(found.raised);
}

function idsOf(same: SameRepository): string[] {
  return same.map(({ id }) => id);
}

function failuresOf(same: SameRepository): number {
  return Math.max(...same.map((row) => row.failures));
}

/** Keeps why a repository can't be read; once it is away for longer its applications say so as well. */
async function recordFailure(deps: DesiredDeps, same: SameRepository, error: string): Promise<void> {
  const failures = failuresOf(same) + 1;
  const afterSeconds = untilDueSeconds(deps) * Math.min(2 ** failures, mostIntervals);
  await recordRefs(deps.db, idsOf(same), { error, failures, afterSeconds });
  if (failures < failuresUntilUnreachable) return;
  const urls = same.map((row) => row.url);
  const concerned = (await followersOf(deps.db, urls)).filter(({ spec }) =>
    sourcesOf(spec).some((source) => urls.includes(source.repoURL) && followsChanges(source)),
  );
  await notifyFollowers(
    deps.db,
    concerned.map(({ id }) => id),
    error,
  );
}

async function listDue(
  deps: DesiredDeps,
  same: SameRepository,
  git: GitSource,
): Promise<RemoteRefs | undefined> {
  const timeout = AbortSignal.timeout(listingSecondsOf(deps) * 1000);
  try {
    const signal = git.signal === undefined ? timeout : anySignal([git.signal, timeout]);
    return await deps.git.listRefs({ ...git, signal });
  } catch (error) {
    if (git.signal?.aborted === true) throw error;
    if (!(error instanceof KeelsonError) && !timeout.aborted) throw error;
    const message = String(error instanceof Error ? error.message : error);
    await recordFailure(deps, same, timeout.aborted ? tooSlow(deps, same[0].url) : message);
    return undefined;
  }
}

function tooSlow(deps: DesiredDeps, url: string): string {
  const listingSeconds = listingSecondsOf(deps);
  return `repository ${url}: it did not answer within ${listingSeconds} s; check the server and the network to it`;
}
