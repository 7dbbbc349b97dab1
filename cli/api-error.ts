import { type ErrorCode, KeelsonError } from '../core/errors.ts';
import { parseJson } from '../core/object/json.ts';

/** A reply of the server that says no. */
export class ApiError extends KeelsonError {
  /** HTTP status of the reply. */
  readonly status: number;

  constructor(code: ErrorCode, status: number, message: string) {
    super(code, message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** The codes that replies carry besides their HTTP status; they are finer than it. */
const codeByNumber: Readonly<Record<number, ErrorCode>> = {
  3: 'invalid-argument',
  4: 'timeout',
  5: 'not-found',
  6: 'conflict',
  7: 'forbidden',
  9: 'precondition-failed',
  10: 'conflict',
  11: 'invalid-argument',
  13: 'internal',
  14: 'unavailable',
  16: 'unauthenticated',
};

const codeByStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid-argument',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  408: 'timeout',
  409: 'conflict',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
};

/** Where a reply came from, for the words of an error about it. */
export type Exchange = {
  readonly server: string;
  readonly path: string;
  readonly hasToken: boolean;
};

/** Translates a reply that is not a success into an error that names the remedy. */
export function apiErrorOf(exchange: Exchange, status: number, body: string): ApiError {
  const problem = readProblem(body);
  const code =
    (problem?.code === undefined ? undefined : codeByNumber[problem.code]) ??
    codeByStatus[status] ??
    'internal';
  return new ApiError(code, status, describe(exchange, status, code, problem?.message));
}

function describe(exchange: Exchange, status: number, code: ErrorCode, message: string | undefined): string {
  if (code === 'unauthenticated' && exchange.hasToken) {
    return `session at ${exchange.server} expired, run keelson login ${exchange.server}`;
  }
  if (code === 'unauthenticated' && !exchange.path.startsWith('/api/v1/session')) {
    return `not logged in at ${exchange.server}, run keelson login ${exchange.server}`;
  }
  if (message === undefined) return `server ${exchange.server} answered ${status} to ${exchange.path}`;
  const name = /^\/api\/v1\/applications\/([^/]+)/.exec(exchange.path)?.[1];
  // A server hides whether an application exists from those who may not see it; alone its words would mislead.
  if (code === 'forbidden' && name !== undefined && message === 'permission denied') {
    const shown = decodeURIComponent(name);
    return `application ${shown}: permission denied (it does not exist, or this account may not see it)`;
  }
  return message;
}

type Problem = { readonly code: number | undefined; readonly message: string | undefined };

function readProblem(body: string): Problem | undefined {
  try {
    const parsed: unknown = parseJson(body);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    return {
      code: 'code' in parsed && typeof parsed.code === 'number' ? parsed.code : undefined,
      message: textOf(parsed, 'message') ?? textOf(parsed, 'error'),
    };
  } catch {
    // Not JSON: a page or line of a proxy, of which only the status is worth telling.
    return undefined;
  }
}

function textOf(value: object, field: string): string | undefined {
  const text: unknown = Reflect.get(value, field);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

const unverifiedCertificate: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Whether a connection failed because the server's certificate is not trusted. */
export function isCertificateProblem(cause: unknown): boolean {
  return unverifiedCertificate.has(causeCode(cause) ?? '');
}

/** Whether a connection failed because the server does not speak TLS. */
export function isPlaintextAnswer(cause: unknown): boolean {
  const code = causeCode(cause) ?? '';
  return (
    code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
  );
}

/** Translates a connection that failed into an error that says which address and what to do. */
export function connectionError(server: string, cause: unknown): KeelsonError {
  const code = causeCode(cause) ?? 'no answer';
  const [text, remedy] = describeConnection(code, cause);
  return new KeelsonError('unavailable', `server ${server} ${text} (${code}); ${remedy}`, {
    retryable: !isCertificateProblem(cause),
    cause,
  });
}

function describeConnection(code: string, cause: unknown): readonly [string, string] {
  if (isCertificateProblem(cause)) {
    return [
      'has a certificate that cannot be verified',
      'pass --server-crt FILE, or --insecure to skip the check',
    ];
  }
  if (isPlaintextAnswer(cause)) return ['does not speak TLS', 'pass --plaintext'];
  if (cause instanceof Error && cause.cause instanceof Error && cause.cause.message === 'bad port') {
    return ['has a port that HTTP clients refuse to use', 'serve it on another one'];
  }
  const login =
    'check that it runs and that the address is right, or run keelson login SERVER for another one';
  if (code === 'ECONNREFUSED') return ['refused the connection', login];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return ['has an unknown host name', login];
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') {
    return ['closed the connection', 'if it speaks TLS, leave --plaintext out; else try again'];
  }
  return ['cannot be reached', login];
}

/** The system's word for a failure, searched through the chain of causes. */
function causeCode(cause: unknown): string | undefined {
  let current: unknown = cause;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if ('code' in current && typeof current.code === 'string') return current.code;
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else current = current.cause;
  }
  return undefined;
}
