import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { KeelsonError } from '../../core/errors.ts';
import { basicAuthorization } from '../../platform/basic-authorization.ts';
import type { ClusterCredentials, ExecCredential } from '../request/credentials.ts';

/** What a request carries to say who it comes from. */
export type Proof = {
  readonly headers: Readonly<Record<string, string>>;
  readonly cert?: string;
  readonly key?: string;
};

/** Produces the proof of one identity, fresh where tokens expire. */
export type Identity = {
  proof(): Promise<Proof>;
  /** Forgets what was remembered; false when there is nothing newer to get. */
  renew(): boolean;
};

/** Rotated token files are read again after this time; kubelets rotate them at 80% of an hour or more. */
const tokenFileMaxAgeMs = 60_000;

/** Picks the way of proving an identity that the credentials ask for. */
export function createIdentity(credentials: ClusterCredentials): Identity {
  if (credentials.exec !== undefined) return execIdentity(credentials, credentials.exec);
  if (credentials.tokenFile !== undefined) return tokenFileIdentity(credentials, credentials.tokenFile);
  const fixed = {
    ...certificate(credentials),
    headers: { ...impersonation(credentials), ...login(credentials) },
  };
  return { proof: () => Promise.resolve(fixed), renew: () => false };
}

function login(credentials: ClusterCredentials): Record<string, string> {
  if (credentials.bearerToken) return { authorization: `Bearer ${credentials.bearerToken}` };
  if (!credentials.username) return {};
  return { authorization: basicAuthorization(credentials.username, credentials.password ?? '') };
}

function impersonation({ impersonate }: ClusterCredentials): Record<string, string> {
  if (impersonate === undefined) return {};
  // A header per group is what the API server reads; one with commas would be one strange group.
  const [group, second] = impersonate.groups ?? [];
  if (second !== undefined) {
    throw new KeelsonError('invalid-argument', 'impersonation of more than one group is not supported yet');
  }
  return {
    'impersonate-user': impersonate.user,
    ...(group === undefined ? {} : { 'impersonate-group': group }),
  };
}

function certificate({ tls }: ClusterCredentials): { cert?: string; key?: string } {
  return { ...(tls.certData ? { cert: tls.certData } : {}), ...(tls.keyData ? { key: tls.keyData } : {}) };
}

function tokenFileIdentity(credentials: ClusterCredentials, path: string): Identity {
  let read: { proof: Promise<Proof>; at: number } | undefined;
  const load = async (): Promise<Proof> => {
    try {
      const token = (await readFile(path, 'utf8')).trim();
      return { headers: { ...impersonation(credentials), authorization: `Bearer ${token}` } };
    } catch (cause) {
      read = undefined;
      throw unproven(credentials, `token file ${path} can't be read; check that it is mounted`, cause);
    }
  };
  return {
    proof: () => {
      if (read === undefined || performance.now() - read.at > tokenFileMaxAgeMs)
        read = { proof: load(), at: performance.now() };
      return read.proof;
    },
    renew: () => {
      read = undefined;
      return true;
    },
  };
}

function execIdentity(credentials: ClusterCredentials, exec: ExecCredential): Identity {
  let config = execConfig(credentials, exec);
  return {
    proof: async () => {
      const options: RequestOptions = { headers: {} };
      try {
        await config.applyToHTTPSOptions(options);
      } catch (cause) {
        throw unproven(credentials, `command ${exec.command} failed; run it by hand to see why`, cause);
      }
      const { Authorization: authorization } = Object(options.headers);
      return {
        ...certificate(credentials),
        ...(typeof options.cert === 'string' ? { cert: options.cert } : {}),
        ...(typeof options.key === 'string' ? { key: options.key } : {}),
        headers: { ...impersonation(credentials), ...(authorization ? { authorization } : {}) },
      };
    },
    renew: () => {
      config = execConfig(credentials, exec);
      return true;
    },
  };
}

/** The configuration keeps the printed credential until it expires. */
function execConfig(credentials: ClusterCredentials, exec: ExecCredential): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: credentials.name, server: credentials.server, skipTLSVerify: false },
    { name: credentials.name, exec },
  );
  return config;
}

function unproven(credentials: ClusterCredentials, problem: string, cause: unknown): KeelsonError {
  return new KeelsonError('unauthenticated', `cluster ${credentials.name}: ${problem}`, { cause });
}
