import { Context } from '@temporalio/activity';
import { KeelsonError } from '../core/errors.ts';
import type {
  InspectionKind,
  InspectionOutcome,
  InspectionRequest,
  Inspections,
} from '../core/repository/inspection.ts';
import { getApplication } from '../db/queries/application.ts';
import { repositoryAccess } from '../db/queries/repository-access.ts';
import type { Deps } from './deps.ts';
import { renderDesiredState } from './desired.ts';
import type { GitSource } from './git.ts';
import { appsAmong, detailsOf } from './inspect/contents.ts';
import { onlyFirst } from './inspect/limits.ts';
import { tlsVerdict } from './inspect/tls-verdict.ts';
import { renderUpload } from './inspect/upload.ts';
import { readerOf } from './source/readers.ts';

type Inspector<Kind extends InspectionKind> = (
  deps: Deps,
  request: InspectionRequest<Kind>,
  signal: AbortSignal,
) => Promise<Inspections[Kind]['reply']>;

const inspectors: { readonly [Kind in InspectionKind]: Inspector<Kind> } = {
  async validate({ git }, { access }, signal) {
    if (access.type !== 'git') throw notYet(access.url);
    try {
      await git.listRefs({ access, signal });
    } catch (error) {
      const isTls = error instanceof KeelsonError && error.details['reason'] === 'tls';
      const words = isTls ? await tlsVerdict(access) : undefined;
      throw words === undefined ? error : new KeelsonError('source-unreachable', words, { cause: error });
    }
    return {};
  },
  async refs(deps, request, signal) {
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
    const { source, project } = request;
    const access = await repositoryAccess(deps.db, deps.keyring, source.repoURL, project);
    const reader = readerOf(deps, source);
    const wanted = { source, access, signal };
    const revision = await reader.resolve({ ...wanted, revision: source.targetRevision });
    const { root, release } = await reader.open({ ...wanted, revision });
    try {
      return await detailsOf(deps, { ...request, root, signal });
    } finally {
      await release();
    }
  },
  charts: async (_deps, { url }) => {
    throw notYet(url);
  },
  async manifests(deps, request, signal) {
    const application = await getApplication(deps.db, request.applicationId);
    if (application === undefined) {
      throw new KeelsonError('not-found', 'application was not found; it was deleted meanwhile');
    }
    if (application.clusterId === null) {
      throw new KeelsonError(
        'precondition-failed',
        `application "${application.name}" has a destination that is no known cluster; add the cluster or change spec.destination`,
      );
    }
    const target = { application, spec: application.spec, clusterId: application.clusterId };
    if (request.uploadId !== undefined) return renderUpload(deps, target, request.uploadId, signal);
    const { id, revision, sourceTypes } = await renderDesiredState(deps, {
      ...target,
      ...(request.revisions === undefined ? {} : { revisions: request.revisions }),
      signal,
    });
    return { renderId: id, revision, sourceTypes };
  },
  async metadata(deps, request, signal) {
    const source = await sourceOf(deps, request, signal);
    const { sha } = await deps.git.resolveRevision({ ...source, revision: request.revision });
    const { tags, ...commit } = await deps.git.revisionMetadata({ ...source, sha });
    return { ...commit, tags: onlyFirst(tags) };
  },
  'chart-details': async (_deps, { url }) => {
    throw notYet(url);
  },
};

export function inspectActivities(deps: Deps) {
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
  deps: Deps,
  request: InspectionRequest<Kind>,
  signal: AbortSignal,
): Promise<Inspections[Kind]['reply']> {
  const inspect: Inspector<Kind> = inspectors[request.kind];
  return inspect(deps, request, signal);
}

async function sourceOf(
  deps: Deps,
  { url, project }: { readonly url: string; readonly project: string },
  signal: AbortSignal,
): Promise<GitSource> {
  const access = await repositoryAccess(deps.db, deps.keyring, url, project);
  if (access.type !== 'git') throw notYet(url);
  return { access, signal };
}

function notYet(url: string): KeelsonError {
  return new KeelsonError(
    'precondition-failed',
    `repository ${url}: Helm repositories and OCI registries are not supported yet; use a Git repository`,
  );
}
