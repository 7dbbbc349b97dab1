import { repositoryKindOf } from '../../core/application/source/source.ts';
import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import type { RenderDeps } from '../deps.ts';
import { artifactReader } from './artifact-source.ts';
import { chartReader } from './chart-source.ts';
import { gitReader } from './git-source.ts';
import type { SourceReader } from './reader.ts';

/** The reader of a source's kind of repository. */
export function readerOf(
  deps: Pick<RenderDeps, 'git' | 'charts' | 'artifacts'>,
  source: ApplicationSource,
): SourceReader {
  switch (repositoryKindOf(source)) {
    case 'git':
      return gitReader(deps.git);
    case 'helm':
      return chartReader(deps.charts);
    case 'oci':
      return artifactReader(deps.artifacts);
  }
}
