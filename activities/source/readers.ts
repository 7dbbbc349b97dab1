import { repositoryKindOf } from '../../core/application/source.ts';
import type { ApplicationSource } from '../../core/application/source-spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Deps } from '../deps.ts';
import { gitReader } from './git-source.ts';
import type { SourceReader } from './reader.ts';

/** The reader of a source's kind of repository. */
export function readerOf(deps: Pick<Deps, 'git'>, source: ApplicationSource): SourceReader {
  switch (repositoryKindOf(source)) {
    case 'git':
      return gitReader(deps.git);
    case 'helm':
      throw new KeelsonError(
        'render-failed',
        `repository ${source.repoURL}: chart ${source.chart}: charts from Helm repositories are not supported yet; keep the chart in Git`,
      );
    case 'oci':
      throw new KeelsonError(
        'render-failed',
        `repository ${source.repoURL}: OCI artifacts are not supported yet; keep the manifests in Git`,
      );
  }
}
