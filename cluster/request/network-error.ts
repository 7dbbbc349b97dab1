import { certificateFault } from '../../core/certificate-fault.ts';
import { KeelsonError } from '../../core/errors.ts';

/** Names a cluster in messages. */
export type ClusterName = { readonly name: string; readonly server: string };

/** The error of a request that got no reply, whatever broke underneath. */
export function networkError(cluster: ClusterName, cause: unknown): KeelsonError {
  const place = `cluster ${cluster.name} (${cluster.server})`;
  const code = networkCode(cause);
  if (isTimeout(code)) {
    return new KeelsonError('timeout', `${place}: no answer in time (${code}); it may be overloaded`, {
      retryable: true,
      cause,
    });
  }
  if (isClosed(code)) {
    return new KeelsonError('unavailable', `${place}: the connection to it was closed on our side`, {
      retryable: true,
      cause,
    });
  }
  if (isTlsProblem(code)) {
    const remedy =
      "check the CA certificate, the server name and the client certificate of the cluster's credentials";
    return new KeelsonError('cluster-unreachable', `${place}: TLS failed: ${describe(cause)}; ${remedy}`, {
      cause,
    });
  }
  const remedy = 'check that the address is right and the API server is reachable';
  return new KeelsonError('cluster-unreachable', `${place}: ${describe(cause)}; ${remedy}`, {
    retryable: true,
    cause,
  });
}

/** Whether the connection broke under a request, so that repeating an idempotent one makes sense at once. */
export function isBrokenConnection(cause: unknown): boolean {
  const code = networkCode(cause);
  return brokenCodes.has(code) || code.startsWith('ERR_HTTP2');
}

const brokenCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_INFO']);

/** The most telling code in a chain of causes, empty without one. */
export function networkCode(cause: unknown): string {
  for (const error of causes(cause)) {
    if ('code' in error && typeof error.code === 'string') return error.code;
  }
  return '';
}

function isTimeout(code: string): boolean {
  return code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
}

function isClosed(code: string): boolean {
  return code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED';
}

/** Whether a TLS connection failed for what either side has shown, or for the talk itself. */
function isTlsProblem(code: string): boolean {
  return certificateFault(code) !== undefined || /^ERR_(?:TLS|SSL|OSSL)/.test(code);
}

function describe(cause: unknown): string {
  const [first] = causes(cause);
  if (first === undefined) return String(cause);
  const code = networkCode(cause);
  const message = first.message || 'connection failed';
  return message.includes(code) ? message : `${message} (${code})`;
}

/** An error, the attempts it sums up (one per address of a host name) and its causes, outermost first. */
function causes(cause: unknown): Error[] {
  const found: Error[] = [];
  let current = cause;
  while (current instanceof Error && found.length < 8) {
    if (current instanceof AggregateError && current.message === '') {
      current = current.errors[0];
      continue;
    }
    found.push(current);
    current = current.cause;
  }
  return found;
}
