import { readFile } from 'node:fs/promises';
import { KeelsonError } from '../../core/errors.ts';
import type { temporalConfig } from '../config.ts';

/** How clients and workers reach Temporal; both take these options. */
export type TemporalConnection = {
  readonly address: string;
  readonly apiKey?: string;
  readonly tls?: {
    readonly serverNameOverride?: string;
    readonly serverRootCACertificate?: Buffer;
    readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
  };
};

/** Reads the files that the configuration names. Half a configuration is refused, and so is a key in the clear. */
export async function temporalConnection(
  config: ReturnType<typeof temporalConfig>,
): Promise<TemporalConnection> {
  const {
    KEELSON_TEMPORAL_ADDRESS: address,
    KEELSON_TEMPORAL_API_KEY: apiKey,
    KEELSON_TEMPORAL_TLS: wanted,
    KEELSON_TEMPORAL_TLS_CA: ca,
    KEELSON_TEMPORAL_TLS_CERT: cert,
    KEELSON_TEMPORAL_TLS_KEY: key,
    KEELSON_TEMPORAL_TLS_SERVER_NAME: serverName,
  } = config;
  if ((cert === undefined) !== (key === undefined)) {
    throw refused('KEELSON_TEMPORAL_TLS_CERT and KEELSON_TEMPORAL_TLS_KEY belong together; set both or none');
  }
  const needsTls = [apiKey, ca, cert, serverName].some((given) => given !== undefined);
  if (wanted === 'off' && needsTls) {
    throw refused(
      'KEELSON_TEMPORAL_TLS is off, and certificates or an API key need TLS; remove either of them',
    );
  }
  if (wanted !== 'on' && !needsTls) return { address };
  return {
    address,
    ...(apiKey === undefined ? {} : { apiKey }),
    tls: {
      ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
      ...(ca === undefined ? {} : { serverRootCACertificate: await read('KEELSON_TEMPORAL_TLS_CA', ca) }),
      ...(cert === undefined || key === undefined
        ? {}
        : {
            clientCertPair: {
              crt: await read('KEELSON_TEMPORAL_TLS_CERT', cert),
              key: await read('KEELSON_TEMPORAL_TLS_KEY', key),
            },
          }),
    },
  };
}

async function read(variable: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw refused(
      `${variable}: file ${path} can't be read${code}; correct the path or its permissions`,
      cause,
    );
  }
}

function refused(message: string, cause?: unknown): KeelsonError {
  return new KeelsonError('invalid-argument', message, cause === undefined ? {} : { cause });
}
