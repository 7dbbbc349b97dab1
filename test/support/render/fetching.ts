import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Charts, createCharts } from '../../../activities/helm/charts.ts';
import { createOciArtifacts, type OciArtifacts } from '../../../activities/oci/artifacts.ts';
import { createHttp } from '../../../activities/remote/http.ts';
import type { RemoteInputs } from '../../../activities/render/request.ts';
import {
  accessTo,
  type RepositoryAccess,
  type RepositoryCredentials,
} from '../../../core/repository/access.ts';

/** All that fetches charts and artifacts, with a cache of its own. */
export type Fetching = {
  readonly charts: Charts;
  readonly artifacts: OciArtifacts;
  readonly cacheDir: string;
  /** What renders may reach: repositories by address and by name; others anonymously. */
  remote(
    repositories?: readonly {
      readonly url: string;
      readonly name?: string;
      readonly credentials: RepositoryCredentials;
    }[],
  ): RemoteInputs;
  close(): Promise<void>;
};

/** Opens no connection and writes nothing but its cache folder. */
export async function openFetching(indexSeconds = 60, privateHosts = ['127.0.0.0/8']): Promise<Fetching> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'keelson-fetching-'));
  // Servers of tests are on loopback, which sources may name only when it is listed.
  const http = createHttp(privateHosts);
  const charts = createCharts({ http, cacheDir, indexSeconds });
  return {
    charts,
    artifacts: createOciArtifacts({ http, cacheDir }),
    cacheDir,
    remote: (repositories = []) => {
      const accessOf = (one: { url: string; credentials: RepositoryCredentials } | undefined, url: string) =>
        ({ ...accessTo(url, one?.credentials), type: 'helm' }) satisfies RepositoryAccess;
      return {
        charts,
        http,
        accessFor: async (url) =>
          accessOf(
            repositories.find((one) => one.url === url),
            url,
          ),
        accessNamed: async (name) => {
          const found = repositories.find((one) => one.name === name);
          return found === undefined ? undefined : accessOf(found, found.url);
        },
      };
    },
    close: async () => {
      await http.close();
      await rm(cacheDir, { recursive: true, force: true });
    },
  };
}
