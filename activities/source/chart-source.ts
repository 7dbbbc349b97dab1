import { KeelsonError } from '../../core/errors.ts';
import type { Charts } from '../helm/charts.ts';
import { filesOnDisk } from '../render/files/source-files.ts';
import type { SourceReader } from './reader.ts';

/** Charts of Helm repositories and registries; their revision is the version. */
export function chartReader(charts: Charts): SourceReader {
  return {
    async resolve({ source, access, signal, revision, fresh }) {
      const chart = source.chart ?? '';
      if (!revision) {
        throw new KeelsonError(
          'invalid-argument',
          `repository ${source.repoURL}: chart ${chart}: targetRevision is missing; set a version or a constraint such as 1.x`,
        );
      }
      return { revision: await charts.resolveVersion({ access, chart, version: revision, fresh, signal }) };
    },
    async open({ source, access, signal, revision, fresh }) {
      const { path, release } = await charts.fetch({
        access,
        chart: source.chart ?? '',
        version: revision,
        passCredentials: source.helm?.passCredentials,
        fresh,
        signal,
      });
      return { files: filesOnDisk(path), release };
    },
  };
}
