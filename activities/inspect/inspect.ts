import { Context } from '@temporalio/activity';
import { shownName } from '../../core/application/home.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import type {
  InspectionKind,
  InspectionOutcome,
  InspectionRequest,
  Inspections,
} from '../../core/repository/inspection.ts';
import { getApplication } from '../../db/queries/application/application.ts';
import { repositoryAccess } from '../../db/queries/repository/repository-access.ts';
import { renderDesiredState } from '../desired/desired.ts';
import type { DesiredDeps } from '../desired/rendering.ts';
import type { GitSource } from '../git/git.ts';
import { chartRepository } from '../helm/repository.ts';
import { signatureInfo } from '../source/signatures.ts';
import { aboutChart, boundCharts } from './charts.ts';
import { appsAmong, detailsOf } from './contents.ts';
import { onlyFirst } from './limits.ts';
import { isArtifact, requireReadable } from './readable.ts';
import { openSource, sourceIssues } from './sources.ts';
import { renderUpload } from './upload.ts';

type Inspector<Kind extends InspectionKind> = (
  deps: DesiredDeps,
  request: InspectionRequest<Kind>,
  signal: AbortSignal,
) => Promise<Inspections[Kind]['reply']>;

const inspectors: { readonly [Kind in InspectionKind]: Inspector<Kind> } = {
  async validate(deps, { access }, signal) {
    await requireReadable(deps, access, signal);
    return {};
  },
  async sources(deps, { project, sources }, signal) {
    const issues = await Promise.all(
      sources.map(({ field, source }) => sourceIssues(deps, { field, source, project, signal })),
    );
    return { issues: issues.flat() };
  },
  async refs(deps, request, signal) {
    if (isArtifact(request.url)) {
      const access = await accessOf(deps, request);
      return { branches: [], tags: onlyFirst(await deps.artifacts.tags({ access, signal })) };
    }
    const { commits } = await deps.git.listRefs(await sourceOf(deps, request, signal));
    const under = (prefix: string): readonly string[] =>
      onlyFirst(
        [...commits.keys()].filter((ref) => ref.startsWith(prefix)).map((ref) => ref.slice(prefix.length)),
      );
    return { branches: under('refs/heads/'), tags: under('refs/tags/') };
  },
  async apps(deps, request, signal) {
    const source = await sourceOf(deps, request, signal);
    const { sha } = await deps.git.resolveRevision({ ...source, revision: request.revision });
    const files = (await deps.git.listFiles({ ...source, sha })).filter(({ type }) => type === 'blob');
    return { apps: onlyFirst(appsAmong(files.map(({ path }) => path))) };
  },
  async details(deps, request, signal) {
    const { files, release } = await openSource(deps, { ...request, signal });
    try {
      return await detailsOf(deps, { ...request, root: await files.root(), signal });
    } finally {
      await release();
    }
  },
  async charts(deps, request, signal) {
    const listed = await deps.charts.list({ access: await accessOf(deps, request), signal });
    return { charts: boundCharts(listed) };
  },
  async manifests(deps, request, signal) {
    const application = await getApplication(deps.db, request.applicationId);
    if (application === undefined) {
      throw new KeelsonError('not-found', 'application was not found; it was deleted meanwhile');
    }
    if (application.clusterId === null) {
      throw new KeelsonError(
        'precondition-failed',
        `application "${shownName(application, deps.homeNamespace)}" has a destination that is no known cluster; add the cluster or change spec.destination`,
      );
    }
    const target = { application, spec: application.spec, clusterId: application.clusterId };
    if (request.uploadId !== undefined) return renderUpload(deps, target, request.uploadId, signal);
    const { id, revision, sourceTypes } = await renderDesiredState(deps, {
      ...target,
      ...(request.revisions === undefined ? {} : { revisions: request.revisions }),
      signal,
      unsigned: true,
    });
    return { renderId: id, revision, sourceTypes };
  },
  async metadata(deps, request, signal) {
    const source = await sourceOf(deps, request, signal);
    const { sha, ref } = await deps.git.resolveRevision({ ...source, revision: request.revision });
    const { tags, ...commit } = await deps.git.revisionMetadata({ ...source, sha });
    const signed = await signatureInfo(deps, request.project, { ...source, revision: sha, ref });
    return { ...commit, tags: onlyFirst(tags), ...signed };
  },
  async plugins(deps) {
    await deps.settings.reload();
    const plugins = await deps.plugins.list(deps.settings.current().tools.plugins);
    return { names: onlyFirst(plugins.map(({ address }) => address)) };
  },
  async 'chart-details'(deps, request, signal) {
    const { chart, revision: version } = request;
    const access = await accessOf(deps, request);
    const { path, release } = await deps.charts.fetch({ access, chart, version, signal });
    try {
      return await aboutChart(path);
    } finally {
      await release();
    }
  },
};

export function inspectActivities(deps: DesiredDeps) {
  return {
    /** Answers a question about a source. What speaks against an answer is data, for whoever asked to read. */
    async inspectSource(request: InspectionRequest): Promise<InspectionOutcome> {
      try {
        return { reply: await answer(deps, request, Context.current().cancellationSignal) };
      } catch (error) {
        if (!(error instanceof KeelsonError)) throw error;
        const { code, message, retryable } = error;
        return { failure: { code, message, retryable } };
      }
    },
  };
}

function answer<Kind extends InspectionKind>(
  deps: DesiredDeps,
  request: InspectionRequest<Kind>,
  signal: AbortSignal,
): Promise<Inspections[Kind]['reply']> {
  const inspect: Inspector<Kind> = inspectors[request.kind];
  return inspect(deps, request, signal);
}

async function sourceOf(deps: DesiredDeps, repository: Repository, signal: AbortSignal): Promise<GitSource> {
  const access = await accessOf(deps, repository);
  if (access.type === 'git') return { access, signal };
  throw new KeelsonError('invalid-argument', `repository ${repository.url} ${whyNoBranches(access)}`);
}

/** What there is in place of branches and folders, by what can be asked of such a repository. */
function whyNoBranches(access: RepositoryAccess): string {
  if (access.type === 'oci') return 'is an artifact and has no folders; ask for its refs, which are its tags';
  return chartRepository(access).kind === 'oci'
    ? 'is a registry of charts and has no branches; name a chart of it and a version'
    : 'has charts and no branches; ask for its charts';
}

type Repository = { readonly url: string; readonly project: string };

function accessOf(deps: DesiredDeps, { url, project }: Repository): Promise<RepositoryAccess> {
  return repositoryAccess(deps.db, deps.keyring, url, project);
}
