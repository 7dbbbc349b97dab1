import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import type { SubmoduleAccess } from '../git/git.ts';
import type { SourceFiles } from '../render/files/source-files.ts';

/** One source of an application and the way into its repository. */
export type SourceRequest = {
  readonly source: ApplicationSource;
  readonly access: RepositoryAccess;
  /** How submodules of a Git repository are reached; without it they stay empty. */
  readonly submodules?: SubmoduleAccess | undefined;
  /** Only those in these folders, or around them, are needed. */
  readonly submodulesWithin?: readonly string[] | undefined;
  readonly signal: AbortSignal;
  /** Asks the server whatever is known from before: a hard refresh. */
  readonly fresh?: boolean | undefined;
};

/** The files of a source, from the root of the repository, or of the chart for a chart. */
export type OpenSource = {
  readonly files: SourceFiles;
  release(): Promise<void>;
};

/** What a target revision stands for now. */
export type Resolution = {
  /** A commit, a chart version or a digest. */
  readonly revision: string;
  /** The ref that led to a commit; none where the commit was named itself. */
  readonly ref?: string | undefined;
};

/** What can be asked of a source, whatever kind of repository it is in. */
export type SourceReader = {
  resolve(request: SourceRequest & { readonly revision: string | undefined }): Promise<Resolution>;
  /** Brings the files of a resolved revision here. */
  open(request: SourceRequest & { readonly revision: string }): Promise<OpenSource>;
};
