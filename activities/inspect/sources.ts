import { isRefOnly } from '../../core/application/source/source.ts';
import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import { type ErrorCode, KeelsonError } from '../../core/errors.ts';
import type { Issue } from '../../core/issue.ts';
import { namedBySource, repositoryAccess } from '../../db/queries/repository/repository-access.ts';
import type { RenderDeps } from '../deps.ts';
import { findAppFolder } from '../render/files/app-folder.ts';
import type { OpenSource, SourceRequest } from '../source/reader.ts';
import { readerOf } from '../source/readers.ts';

type Asked = {
  readonly source: ApplicationSource;
  readonly project: string;
  readonly signal: AbortSignal;
};

/** The files of a source at its target revision, to be released after use. */
export async function openSource(deps: RenderDeps, asked: Asked): Promise<OpenSource> {
  const request = await requestOf(deps, asked);
  const reader = readerOf(deps, asked.source);
  const { revision } = await reader.resolve({ ...request, revision: asked.source.targetRevision });
  return await reader.open({ ...request, revision });
}

async function requestOf(deps: RenderDeps, { source, project, signal }: Asked): Promise<SourceRequest> {
  const { db, keyring } = deps;
  // The application names its own source; what its files name may be anything.
  const accessOf = (url: string) => namedBySource(db, keyring, url, project);
  return {
    source,
    access: await repositoryAccess(db, keyring, source.repoURL, project),
    submodules: deps.settings.current().gitSubmodules ? { reader: project, accessOf } : undefined,
    signal,
  };
}

/** Which field of a source a failure to read it is about. A failure of any other kind says nothing of the source. */
const fieldOf: Partial<Record<ErrorCode, string>> = {
  'invalid-argument': '',
  'manifest-invalid': '',
  'not-found': '',
  'precondition-failed': '',
  'render-failed': '',
  'revision-not-found': '.targetRevision',
  'source-unreachable': '.repoURL',
};

/** What a source names that isn't there: its repository, its revision or its folder. */
export async function sourceIssues(
  deps: RenderDeps,
  asked: Asked & { readonly field: string },
): Promise<readonly Issue[]> {
  const { source, field } = asked;
  try {
    // What only lends its files is read by whoever names them.
    if (isRefOnly(source)) {
      await readerOf(deps, source).resolve({
        ...(await requestOf(deps, asked)),
        revision: source.targetRevision,
      });
      return [];
    }
    const { files, release } = await openSource(deps, asked);
    try {
      const { fault } = await findAppFolder(files, source);
      if (fault === undefined) return [];
      const revision = source.targetRevision || 'HEAD';
      return [{ path: `${field}.path`, message: `repository ${source.repoURL} at ${revision}: ${fault}` }];
    } finally {
      await release();
    }
  } catch (error) {
    const at = error instanceof KeelsonError ? fieldOf[error.code] : undefined;
    if (at === undefined || !(error instanceof KeelsonError)) throw error;
    return [{ path: `${field}${at}`, message: error.message }];
  }
}
