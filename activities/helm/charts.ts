import { join } from 'node:path';
import { canonicalJson } from '../../core/object/json/canonical.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { isConstraint, isFullVersion, newestFirst } from '../../core/text/semver.ts';
import { createTreeCache, type Tree } from '../archive/tree-cache.ts';
import { createRegistry } from '../oci/registry.ts';
import { sourceFailure } from '../remote/failure.ts';
import type { Http } from '../remote/http.ts';
import {
  type ChartRequest,
  type ChartSource,
  namedVersion,
  noVersion,
  versionMissing,
} from './chart-source.ts';
import { createIndexes } from './indexes.ts';
import { createPull, pulled } from './pull.ts';
import { chartRepository } from './repository.ts';
import { createVersions } from './versions.ts';

/** A chart of a repository with its versions, newest first. */
export type ListedChart = { readonly name: string; readonly versions: readonly string[] };

/** A chart on disk: its files, and the archive that they came in, for charts that need it. */
export type FetchedChart = Tree & { readonly archive: string };

/** Read access to charts that are not in Git. */
export type Charts = {
  /** The version that a version or a constraint stands for; an exact one is not looked up. */
  resolveVersion(
    source: ChartSource & { readonly version: string; readonly fresh?: boolean | undefined },
  ): Promise<string>;
  /** The folder with a chart's Chart.yaml, and its archive, to be read only and released after use. */
  fetch(request: ChartRequest): Promise<FetchedChart>;
  /** All charts of a repository with an index; registries can't be listed. */
  list(source: {
    readonly access: RepositoryAccess;
    readonly signal?: AbortSignal | undefined;
  }): Promise<ListedChart[]>;
};

export type ChartsOptions = {
  readonly http: Http;
  /** A folder of Keelson's own; workers on one machine may share it. */
  readonly cacheDir: string;
  /** How long an index or a list of tags is believed. */
  readonly indexSeconds: number;
  readonly maxCacheBytes?: number;
};

const defaultMaxCacheBytes = 2 * 1024 ** 3;

/** Charts over HTTP and OCI, with a cache of unpacked ones. */
export function createCharts(options: ChartsOptions): Charts {
  const { http } = options;
  const registry = createRegistry(http);
  const indexes = createIndexes(http, options.indexSeconds);
  const versionsOf = createVersions(registry, indexes, options.indexSeconds);
  const pull = createPull(http, registry, indexes);
  const trees = createTreeCache({
    dir: join(options.cacheDir, 'charts'),
    maxBytes: options.maxCacheBytes ?? defaultMaxCacheBytes,
  });

  return {
    resolveVersion: async (source) => {
      const wanted = source.version.trim();
      if (isFullVersion(wanted)) return wanted;
      if (!isConstraint(wanted) && !isConstraint(`=${wanted}`)) throw noVersion(source, wanted);
      const versions = await versionsOf(source, source.fresh === true);
      const found = namedVersion(wanted, versions);
      if (found === undefined) throw versionMissing(source, wanted, versions.length);
      return found;
    },
    fetch: async (request) => {
      const { url, credentials } = request.access;
      const tree = await trees.use({
        // What was cached before archives were kept has none.
        key: canonicalJson({
          url,
          credentials,
          chart: request.chart,
          version: request.version,
          archived: true,
        }),
        fresh: request.fresh,
        fill: (folder) => pull(request, folder),
      });
      return {
        path: join(tree.path, pulled.folder),
        archive: join(tree.path, pulled.archive),
        release: tree.release,
      };
    },
    list: async ({ access, signal }) => {
      const repository = chartRepository(access);
      if (repository.kind === 'oci') {
        throw sourceFailure(
          access,
          'a registry does not tell which charts it has; write the name of the chart',
        );
      }
      const index = await indexes.index(repository, { signal });
      const listed: ListedChart[] = [];
      for (const name of index.names) {
        const versions = (index.versionsOf(name) ?? []).map(({ version }) => version);
        listed.push({ name, versions: newestFirst(versions) });
        // One chart's part takes some milliseconds to parse; others get their turn in between.
        await new Promise(setImmediate);
      }
      return listed;
    },
  };
}
