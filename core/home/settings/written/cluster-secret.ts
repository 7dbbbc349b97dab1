import { formatJson } from '../../../object/json/json.ts';
import type { Manifest } from '../../../object/manifest/manifest.ts';
import { encodeBase64 } from '../../../object/manifest/secret.ts';
import { withoutTrailing } from '../../../text/trim.ts';
import { clusterSecretName } from './secret-name.ts';
import { newSecret } from './secret-values.ts';

/** Who we are at a cluster, in the clear: what a registration holds. */
export type ClusterIdentity = {
  readonly tls: {
    readonly caData?: string | undefined;
    readonly certData?: string | undefined;
    readonly keyData?: string | undefined;
    readonly serverName?: string | undefined;
    readonly insecure?: boolean | undefined;
  };
  readonly bearerToken?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly exec?: unknown;
  readonly impersonate?: unknown;
};

/** A registered cluster. */
export type ClusterRecord = {
  readonly name: string;
  readonly server: string;
  readonly project: string | null;
  readonly namespaces: readonly string[];
  readonly clusterResources: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly credentials: ClusterIdentity;
};

/** The Secret that a cluster becomes, or why none can say how it is reached. */
export type ClusterSecret =
  | { readonly secret: Manifest; readonly fault?: never }
  | { readonly secret?: never; readonly fault: string };

/** The Secret that a cluster becomes which nothing of the home cluster declares yet. */
export function clusterSecret(namespace: string, cluster: ClusterRecord): ClusterSecret {
  const { credentials, project, namespaces, clusterResources } = cluster;
  const fault = identityFault(credentials);
  if (fault !== undefined) return { fault: `cluster ${cluster.name} ${fault}` };
  const server = withoutTrailing(cluster.server, '/');
  const name = clusterSecretName(server);
  const made = newSecret(
    { namespace, name, type: 'cluster' },
    {
      name: cluster.name,
      server,
      config: configOf(credentials),
      ...(project === null || project === '' ? {} : { project }),
      ...(namespaces.length === 0
        ? {}
        : { namespaces: namespaces.join(','), clusterResources: String(clusterResources) }),
    },
  );
  const { labels, annotations } = made.metadata;
  return {
    secret: {
      ...made,
      metadata: {
        ...made.metadata,
        // Those of the Secret are those of the cluster.
        labels: { ...cluster.labels, ...labels },
        annotations: { ...cluster.annotations, ...annotations },
      },
    },
  };
}

/** What of an identity belongs to this machine, and means nothing or something else in an object. */
function identityFault({ exec, impersonate, tokenFile }: ClusterIdentity): string | undefined {
  const why = 'which no Secret can say';
  if (exec !== undefined) return `is reached with a command of this machine, ${why}`;
  if (tokenFile !== undefined) return `is reached with a token in a file of this machine, ${why}`;
  return impersonate === undefined ? undefined : `is reached as somebody else, ${why}`;
}

function configOf({ tls, bearerToken, username, password }: ClusterIdentity): string {
  const { caData, certData, keyData, serverName, insecure } = tls;
  const encoded = (text: string | undefined) => (text === undefined ? undefined : encodeBase64(text));
  return formatJson({
    ...given({ bearerToken, username, password }),
    tlsClientConfig: given({
      insecure,
      serverName,
      caData: encoded(caData),
      certData: encoded(certData),
      keyData: encoded(keyData),
    }),
  });
}

function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
