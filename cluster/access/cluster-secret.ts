import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';
import { parseJson } from '../../core/object/json/json.ts';
import { ClusterCredentials } from '../request/credentials.ts';

const text = z
  .string()
  .optional()
  .transform((value) => value || undefined);

const ClusterConfig = z.object({
  bearerToken: text,
  username: text,
  password: text,
  tlsClientConfig: z
    .object({
      insecure: z.boolean().optional(),
      serverName: text,
      caData: text,
      certData: text,
      keyData: text,
    })
    .optional(),
  awsAuthConfig: z.unknown().optional(),
  execProviderConfig: z
    .object({
      command: z.string(),
      args: z.array(z.string()).optional(),
      env: z.record(z.string(), z.string()).optional(),
      apiVersion: z.string().optional(),
    })
    .nullish(),
  proxyUrl: text,
});

/** Reads a cluster Secret's `name`, `server` and `config` (JSON whose certificates and keys are base64). */
export function credentialsFromClusterSecret(
  name: string,
  server: string,
  config: string,
): ClusterCredentials {
  const { bearerToken, username, password, tlsClientConfig, ...providers } = parse(name, config);
  refuseUnsupported(name, providers);
  const credentials = ClusterCredentials.safeParse({
    name: name || server,
    server,
    tls: {
      caData: decode(tlsClientConfig?.caData),
      certData: decode(tlsClientConfig?.certData),
      keyData: decode(tlsClientConfig?.keyData),
      serverName: tlsClientConfig?.serverName,
      insecure: tlsClientConfig?.insecure,
    },
    bearerToken,
    username,
    password,
  });
  if (!credentials.success) throw invalid(name, `is not usable: ${z.prettifyError(credentials.error)}`);
  return credentials.data;
}

function parse(name: string, config: string): z.infer<typeof ClusterConfig> {
  const read = ClusterConfig.safeParse(json(name, config));
  if (read.success) return read.data;
  throw invalid(name, `has a config of another form: ${z.prettifyError(read.error)}`);
}

function json(name: string, config: string): unknown {
  if (config.trim() === '') return {};
  try {
    return parseJson(config);
  } catch {
    // The parser quotes the text, which holds keys; the remedy below is all a reader needs.
    throw invalid(name, 'has a config that is not JSON');
  }
}

type Providers = Pick<z.infer<typeof ClusterConfig>, 'awsAuthConfig' | 'execProviderConfig' | 'proxyUrl'>;

function refuseUnsupported(name: string, providers: Providers): void {
  const remedy = 'is not supported yet; use bearerToken or a client certificate';
  if (providers.awsAuthConfig) throw invalid(name, `uses awsAuthConfig, which ${remedy}`);
  if (providers.execProviderConfig) throw invalid(name, `uses execProviderConfig, which ${remedy}`);
  if (providers.proxyUrl) throw invalid(name, 'uses proxyUrl, which is not supported yet; remove it');
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8');
}

function invalid(name: string, problem: string): KeelsonError {
  return new KeelsonError('invalid-argument', `cluster secret ${name} ${problem}`);
}
