import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import { ClusterCredentials, ExecCredential } from '../request/credentials.ts';

export type KubeconfigOptions = {
  /** The current context by default. */
  readonly context?: string;
  /** Folder that relative file names start from: the one of the kubeconfig file. */
  readonly directory?: string;
};

/** Reads one context of a kubeconfig; the files it names are read now, so the result stands alone. */
export function credentialsFromKubeconfig(text: string, options: KubeconfigOptions = {}): ClusterCredentials {
  const config = parse(text);
  const name = options.context ?? config.getCurrentContext();
  const context = config.getContextObject(name);
  if (context === null) throw invalid(`has no context "${name}"; ${known(config)}`);
  const cluster = config.getCluster(context.cluster);
  if (cluster === null) throw invalid(`names no cluster "${context.cluster}", which context "${name}" uses`);
  const user = config.getUser(context.user) ?? { name: context.user };
  if (cluster.proxyUrl)
    throw invalid(`sets a proxy-url for cluster "${cluster.name}": not supported yet; remove it`);
  const directory = options.directory ?? '.';
  const read = ClusterCredentials.safeParse({
    name,
    server: cluster.server,
    tls: {
      caData: pem(cluster.caData, cluster.caFile, directory),
      certData: pem(user.certData, user.certFile, directory),
      keyData: pem(user.keyData, user.keyFile, directory),
      serverName: cluster.tlsServerName,
      insecure: serverCheckSkipped(cluster),
    },
    bearerToken: user.token,
    username: user.username,
    password: user.password,
    ...providerOf(user, directory),
    impersonate: user.impersonateUser === undefined ? undefined : { user: user.impersonateUser },
  });
  if (!read.success) throw invalid(`is incomplete for context "${name}": ${z.prettifyError(read.error)}`);
  return read.data;
}

function parse(text: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
  } catch {
    // The parser's own words can quote the file, and the file holds keys.
    throw invalid('is not valid YAML of kind Config');
  }
  return config;
}

function serverCheckSkipped(cluster: Cluster): boolean | undefined {
  return cluster.skipTLSVerify ? true : undefined;
}

const AuthProvider = z.object({ name: z.string(), config: z.record(z.string(), z.unknown()).optional() });

/** The part of a user that produces credentials at run time. */
function providerOf(user: User, directory: string): Pick<ClusterCredentials, 'exec' | 'tokenFile'> {
  const exec = ExecCredential.safeParse(user.exec ?? undefined);
  if (exec.success) return { exec: exec.data };
  const provider = AuthProvider.safeParse(user.authProvider ?? undefined);
  if (!provider.success) return {};
  const tokenFile = provider.data.config?.['tokenFile'];
  if (typeof tokenFile === 'string') return { tokenFile: resolve(directory, tokenFile) };
  throw invalid(
    `uses auth-provider "${provider.data.name}" for user "${user.name}": not supported; use exec`,
  );
}

function pem(base64: string | undefined, file: string | undefined, directory: string): string | undefined {
  if (base64) return Buffer.from(base64, 'base64').toString('utf8');
  if (!file) return undefined;
  const path = resolve(directory, file);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new KeelsonError(
      'invalid-argument',
      `kubeconfig names ${path}, which can't be read; check the path`,
      {
        cause,
      },
    );
  }
}

function known(config: KubeConfig): string {
  const names = config.getContexts().map((context) => context.name);
  return names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
}

function invalid(problem: string): KeelsonError {
  return new KeelsonError('invalid-argument', `kubeconfig ${problem}`);
}
