import { KeelsonError } from '../../core/errors.ts';
import { queryString } from '../discovery/resource.ts';
import type { LogOptions } from './calls.ts';
import { readLines } from './lines.ts';
import { type ClusterName, networkError } from './network-error.ts';
import { statusError } from './status-error.ts';
import type { Transport } from './transport.ts';

/** A container may print for ever without a line feed; nobody reads more of a line than this at once. */
const longestPiece = 1024 * 1024;

/** Opens a container's log; the iteration ends with the log, or with the signal's reason. */
export async function openPodLog(
  cluster: ClusterName,
  transport: Transport,
  pod: { readonly namespace: string; readonly name: string },
  options: LogOptions = {},
): Promise<AsyncIterable<string>> {
  const { signal, ...parameters } = options;
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`;
  const { status, body } = await transport.open({
    method: 'GET',
    path: path + queryString(parameters),
    accept: '*/*',
    idempotent: true,
    signal,
  });
  if (status < 400) return lines(cluster, body, signal);
  const key = { group: '', kind: 'Pod', ...pod };
  throw statusError(status, await body.text(), { cluster: cluster.name, key, request: 'get pods/log' });
}

async function* lines(
  cluster: ClusterName,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  try {
    yield* readLines(body, { most: longestPiece, beyond: 'cut' });
  } catch (cause) {
    signal?.throwIfAborted();
    throw cause instanceof KeelsonError ? cause : networkError(cluster, cause);
  }
}
