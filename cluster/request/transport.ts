import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { KeelsonError } from '../../core/errors.ts';
import { withoutTrailing } from '../../core/text/trim.ts';
import { readBounded } from '../../platform/bounded-bytes.ts';
import { createLimiter } from '../../platform/limiter.ts';
import { createIdentity, type Proof } from '../access/identity.ts';
import { createConnections, type PoolName } from './connections.ts';
import type { ClusterCredentials } from './credentials.ts';
import { isBrokenConnection, networkError } from './network-error.ts';
import { userAgent } from './stream-guard.ts';

export type TransportRequest = {
  readonly method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
  /** Path and query below the server's address. */
  readonly path: string;
  readonly accept?: string;
  readonly body?: string;
  readonly contentType?: string;
  /** Whether sending it twice does no more than sending it once; only such requests are repeated after a break. */
  readonly idempotent: boolean;
  readonly signal?: AbortSignal | undefined;
  /** The user that it is made as, with the rights of that one alone; the identity has to be permitted to do so. */
  readonly user?: string;
};

export type TransportReply = { readonly status: number; readonly contentType: string; readonly text: string };

/** A reply whose body arrives over time; destroying the body ends the request. */
export type TransportStream = {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array> & {
    text(): Promise<string>;
    /** Reads the rest and forgets it. */
    dump(): Promise<void>;
    destroy(): unknown;
  };
};

/** HTTP to one API server under one identity. */
export type Transport = {
  /** Any status is a reply; only a missing reply is an error. */
  send(request: TransportRequest): Promise<TransportReply>;
  /** For watches and logs: own connections, and no time limit on the body. */
  open(request: TransportRequest): Promise<TransportStream>;
  /** Takes no more requests and ends the streams, with this reason; what was sent is still answered. */
  retire(reason: KeelsonError): void;
  close(): Promise<void>;
};

export type TransportOptions = {
  readonly maxConcurrentRequests?: number;
  readonly requestTimeoutMs?: number;
  /** Largest body of a reply that is read whole; 128 MiB by default. */
  readonly maxReplyBytes?: number;
};

/** API servers end a request after 60 s by themselves and say why, which is worth 5 s more. */
const defaultRequestTimeoutMs = 65_000;
/** A text has 512 million characters at most, and this one is parsed into several times its size. */
const defaultMaxReplyBytes = 128 * 1024 * 1024;
const maxAttempts = 4;
/** An API server asks for 1 s as a rule; longer ones are cut, as the caller has a schedule of its own. */
const maxRetryAfterMs = 10_000;

type TimedReply = TransportReply & { readonly retryAfterMs: number };

/** Opens the door to one API server; connections are made when the first request needs them. */
export function createTransport(credentials: ClusterCredentials, options: TransportOptions = {}): Transport {
  const prefix = withoutTrailing(new URL(credentials.server).pathname, '/');
  const identity = createIdentity(credentials);
  const connections = createConnections(credentials);
  const limiter = createLimiter(options.maxConcurrentRequests ?? 100);
  const timeoutMs = options.requestTimeoutMs ?? defaultRequestTimeoutMs;
  const maxBytes = options.maxReplyBytes ?? defaultMaxReplyBytes;

  async function dispatch(request: TransportRequest, pool: PoolName): Promise<Dispatcher.ResponseData> {
    connections.throwIfEnded();
    const proof = await identity.proof();
    request.signal?.throwIfAborted();
    return await connections.request(pool, proof, {
      method: request.method,
      path: prefix + request.path,
      headers: { ...headersOf(request), ...provenAs(proof.headers, request.user) },
      body: request.body ?? null,
      signal: request.signal ?? null,
      headersTimeout: timeoutMs,
      bodyTimeout: pool === 'requests' ? timeoutMs : 0,
    });
  }

  async function exchange(request: TransportRequest): Promise<TimedReply> {
    const { statusCode, headers, body } = await dispatch(request, 'requests');
    const retryAfterSeconds = Number(headers['retry-after'] ?? 0);
    return {
      status: statusCode,
      contentType: String(headers['content-type'] ?? ''),
      retryAfterMs: Number.isFinite(retryAfterSeconds) ? retryAfterSeconds * 1000 : 0,
      text: (await readBounded(body, maxBytes, () => tooLarge(credentials, request, maxBytes))).toString(
        'utf8',
      ),
    };
  }

  async function attempt(request: TransportRequest): Promise<Attempt> {
    try {
      const { retryAfterMs, ...reply } = await limiter.run(() => exchange(request), request.signal);
      return mayRepeat(request, reply, identity) ? { reply, repeatAfterMs: retryAfterMs } : { reply };
    } catch (cause) {
      const error = failure(credentials, request, cause);
      return isBrokenConnection(cause) && request.idempotent ? { error, repeatAfterMs: 0 } : { error };
    }
  }

  return {
    async send(request) {
      for (let count = 1; ; count++) {
        const outcome = await attempt(request);
        if (outcome.repeatAfterMs === undefined || count === maxAttempts) return settle(outcome);
        await pause(outcome.repeatAfterMs, count, request.signal);
      }
    },
    async open(request) {
      try {
        const first = await dispatch(request, 'streams');
        if (first.statusCode !== 401 || !identity.renew()) return streamOf(first);
        await first.body.dump();
        return streamOf(await dispatch(request, 'streams'));
      } catch (cause) {
        throw failure(credentials, request, cause);
      }
    },
    retire: (reason) => connections.retire(reason),
    close: () => connections.close(),
  };
}

function tooLarge(
  cluster: ClusterCredentials,
  { method, path }: TransportRequest,
  maxBytes: number,
): KeelsonError {
  const [asked] = path.split('?', 1);
  return new KeelsonError(
    'unavailable',
    `cluster ${cluster.name} answered ${method} ${asked} with more than ${maxBytes} bytes, which is the limit`,
    { details: { reason: 'too-large' } },
  );
}

/** Whether a reply was given up for its size. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof KeelsonError && error.details['reason'] === 'too-large';
}

type Attempt = { readonly repeatAfterMs?: number } & (
  | { readonly reply: TransportReply; readonly error?: never }
  | { readonly error: unknown; readonly reply?: never }
);

function settle(outcome: Attempt): TransportReply {
  if (outcome.reply === undefined) throw outcome.error;
  return outcome.reply;
}

function streamOf({ statusCode, body }: Dispatcher.ResponseData): TransportStream {
  return { status: statusCode, body };
}

function mayRepeat(
  request: TransportRequest,
  reply: TransportReply,
  identity: { renew(): boolean },
): boolean {
  // Refused before any work was done, so a repeat is safe for every method.
  if (reply.status === 429) return true;
  if (reply.status === 401) return identity.renew();
  return reply.status === 503 && request.idempotent;
}

/** The headers that prove the identity; whom it stands for may be another one in a single request. */
function provenAs(headers: Proof['headers'], user: string | undefined): Proof['headers'] {
  if (user === undefined) return headers;
  const own = Object.entries(headers).filter(([name]) => !name.startsWith('impersonate-'));
  return { ...Object.fromEntries(own), 'impersonate-user': user };
}

function headersOf(request: TransportRequest): Record<string, string> {
  return {
    accept: request.accept ?? 'application/json',
    'user-agent': userAgent,
    ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
  };
}

/** An abort by the caller stays what the caller said; all else is the network's doing. */
function failure(credentials: ClusterCredentials, request: TransportRequest, cause: unknown): unknown {
  if (request.signal?.aborted) return request.signal.reason;
  if (cause instanceof KeelsonError) return cause;
  return networkError(credentials, cause);
}

/** Doubles from 100 ms with jitter, never shorter than the server asked for. */
async function pause(atLeastMs: number, count: number, signal: AbortSignal | undefined): Promise<void> {
  const backoffMs = 100 * 2 ** (count - 1) * (0.5 + Math.random());
  const delayMs = Math.max(Math.min(atLeastMs, maxRetryAfterMs), backoffMs);
  try {
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
  } catch {
    // Only the signal ends the sleep early; its own reason is the one to pass on.
    signal?.throwIfAborted();
  }
}
