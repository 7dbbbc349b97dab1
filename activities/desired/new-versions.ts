import { splitRevisions } from '../../core/application/source/revisions.ts';
import { repositoryKindOf, sourcesOf } from '../../core/application/source/source.ts';
import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatJson } from '../../core/object/json/json.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { isFullVersion } from '../../core/text/semver.ts';
import type { Follower } from '../../db/queries/repository/due.ts';
import type { RenderDeps } from '../deps.ts';
import { isFullSha } from '../git/access/refs.ts';
import { isDigest } from '../oci/reference.ts';
import { readerOf } from '../source/readers.ts';
import { isStale } from './moved.ts';

/** A repository of charts or artifacts. */
export type Published = {
  readonly urls: readonly string[];
  readonly access: RepositoryAccess;
  readonly signal: AbortSignal;
};

/** What has been published means for the applications that follow a repository. */
export type NewVersions = {
  /** They have to be rendered. */
  readonly raised: readonly string[];
  /** Whether the server was asked anything. */
  readonly asked: boolean;
  /** Why it could not be read. */
  readonly failure: KeelsonError | undefined;
};

/** Tells for which applications a constraint or tag stands for another version or digest than they have rendered. */
export async function newVersions(
  deps: Pick<RenderDeps, 'git' | 'charts' | 'artifacts'>,
  { urls, access, signal }: Published,
  followers: readonly Follower[],
): Promise<NewVersions> {
  const known = new Map<string, Promise<string | KeelsonError>>();
  const charts = new Set<string>();
  /** Asks the server once for each chart, and of what it said for each constraint. */
  const look = (source: ApplicationSource): Promise<string | KeelsonError> => {
    const id = formatJson([source.repoURL, source.chart, source.targetRevision]);
    const chart = formatJson([source.repoURL, source.chart]);
    const request = { source, access, signal, revision: source.targetRevision, fresh: !charts.has(chart) };
    const answer =
      known.get(id) ??
      readerOf(deps, source)
        .resolve(request)
        .then(({ revision }) => revision, expected);
    charts.add(chart);
    known.set(id, answer);
    return answer;
  };
  const raised: string[] = [];
  const failures: KeelsonError[] = [];
  for (const follower of followers) {
    const rendered = splitRevisions(follower.desiredRevision ?? '');
    const followed = sourcesOf(follower.spec).map((source, position) => ({
      source,
      from: rendered[position],
    }));
    const here = followed.filter(
      ({ source }) => urls.includes(source.repoURL) && repositoryKindOf(source) !== 'git',
    );
    let moved = here.length > 0 && isStale(follower);
    for (const { source, from } of here.filter((one) => followsChanges(one.source))) {
      const to = await look(source);
      if (to instanceof KeelsonError && to.code === 'source-unreachable') failures.push(to);
      // What names nothing any more is told by the render.
      else if (to !== from) moved = true;
    }
    if (moved) raised.push(follower.id);
  }
  signal.throwIfAborted();
  return { raised, asked: known.size > 0, failure: failures[0] };
}

function expected(error: unknown): KeelsonError {
  if (error instanceof KeelsonError) return error;
  throw error;
}

/** Whether a source's revision can come to stand for something else: a full version, digest or SHA stays what it is. */
export function followsChanges(source: ApplicationSource): boolean {
  const revision = (source.targetRevision ?? '').trim();
  if (repositoryKindOf(source) === 'git') return !isFullSha(revision);
  return !(source.repoURL.startsWith('oci://') && !source.chart
    ? isDigest(revision)
    : isFullVersion(revision));
}
