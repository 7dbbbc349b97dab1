import { z } from '@hono/zod-openapi';
import { formatTime } from '../../core/text/time.ts';
import type { Cluster } from '../../core/wire/cluster.ts';
import { type ClusterRow, openClusterCredentials } from '../../db/queries/cluster/cluster.ts';
import type { Keyring } from '../../platform/encryption.ts';

/** What of the credentials is no secret, and people have to know: nobody checks who answers there. */
const ShownCredentials = z.object({ tls: z.object({ insecure: z.boolean().default(false) }).optional() });

/** A cluster as clients see it: without its credentials. */
export function clusterJson(keyring: Keyring, row: ClusterRow, applicationsCount: number): Cluster {
  const { tls } = ShownCredentials.parse(openClusterCredentials(keyring, row));
  const connectionState = {
    status: row.connectionStatus,
    message: row.connectionMessage,
    ...(row.connectionAt === null ? {} : { attemptedAt: formatTime(row.connectionAt) }),
  };
  const serverVersion = row.capabilities?.kubeVersion ?? '';
  const apiVersions = row.capabilities?.apiVersions ?? [];
  return {
    server: row.server,
    name: row.name,
    config: { tlsClientConfig: { insecure: tls?.insecure === true } },
    connectionState,
    serverVersion,
    info: {
      connectionState,
      serverVersion,
      applicationsCount,
      apiVersions,
      cacheInfo: { apisCount: apiVersions.length },
    },
    ...(row.namespaces.length === 0 ? {} : { namespaces: row.namespaces }),
    ...(row.clusterResources ? { clusterResources: true } : {}),
    ...(row.project === null ? {} : { project: row.project }),
    ...(Object.keys(row.labels).length === 0 ? {} : { labels: row.labels }),
    ...(Object.keys(row.annotations).length === 0 ? {} : { annotations: row.annotations }),
  };
}
