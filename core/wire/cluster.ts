import { z } from 'zod';
import { ConnectionState, listReply, texts, textsByName } from './shape.ts';

/** A registered cluster, without its credentials. */
export const Cluster = z.object({
  server: z.string(),
  name: z.string(),
  /** Of the credentials, whether nobody checks who answers there. */
  config: z.object({ tlsClientConfig: z.object({ insecure: z.boolean() }) }),
  connectionState: ConnectionState,
  serverVersion: z.string(),
  info: z.object({
    connectionState: ConnectionState,
    serverVersion: z.string(),
    applicationsCount: z.number().int(),
    apiVersions: texts,
    cacheInfo: z.object({ apisCount: z.number().int() }),
  }),
  /** The only namespaces that are managed; absent where all are. */
  namespaces: texts.exactOptional(),
  clusterResources: z.boolean().exactOptional(),
  /** Whose applications it is for; absent where it is for all. */
  project: z.string().exactOptional(),
  labels: textsByName.exactOptional(),
  annotations: textsByName.exactOptional(),
});
export type Cluster = z.infer<typeof Cluster>;

/** Registered clusters. */
export const ClusterList = listReply(Cluster);
export type ClusterList = z.infer<typeof ClusterList>;
