import { certificateFault, describeCertificateFault } from '../../core/certificate-fault.ts';
import { type ErrorCode, KeelsonError } from '../../core/errors.ts';
import { parseJson } from '../../core/object/json/json.ts';

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

/** Where a token came from: the config's login, or a flag or variable by its name. */
export type TokenOrigin = 'login' | '--auth-token' | 'KEELSON_AUTH_TOKEN' | 'ARGOCD_AUTH_TOKEN';

/** Where a reply came from, for the words of an error about it. */
export type Exchange = {
  readonly server: string;
  readonly path: string;
  /** Absent where no token was sent. */
  readonly tokenFrom?: TokenOrigin | undefined;
  /** The command that makes a session there. */
  readonly login: string;
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
  if (code === 'unauthenticated' && exchange.tokenFrom !== undefined) {
    return refusedToken(exchange, exchange.tokenFrom, message);
  }
  if (code === 'unauthenticated' && !exchange.path.startsWith('/api/v1/session')) {
    return `not logged in at ${exchange.server}; run ${exchange.login}`;
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

/** A new login is no help while a token is given in another way, which counts before it. */
function refusedToken({ server, login }: Exchange, from: TokenOrigin, message: string | undefined): string {
  const why = message === undefined ? '' : ` (${message.split('; ', 1).join('')})`;
  if (from === 'login') return `session at ${server} has ended${why}; run ${login}`;
  const instead =
    from === '--auth-token'
      ? `pass another one, or leave --auth-token out and run ${login}`
      : `set it to another one, or unset it and run ${login}`;
  return `token of ${from} is not accepted by ${server}${why}; ${instead}`;
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

/** Whether a connection failed because the server's certificate is not trusted. */
export function isCertificateProblem(cause: unknown): boolean {
  return certificateFault(causeCode(cause) ?? '') !== undefined;
}

/** A server that waits for a request line never answers a handshake. */
export const noTlsAnswer = 'NO_TLS_ANSWER';

const plaintextAnswers: ReadonlySet<string> = new Set([
  noTlsAnswer,
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** Whether a connection failed because the server does not speak TLS. */
export function isPlaintextAnswer(cause: unknown): boolean {
  return plaintextAnswers.has(causeCode(cause) ?? '');
}

/** Translates a connection that failed into an error that says which address and what to do. */
export function connectionError(server: string, cause: unknown): KeelsonError {
  const code = causeCode(cause) ?? 'no answer';
  const [text, remedy] = describeConnection(server, code, cause);
  return new KeelsonError('unavailable', `server ${server} ${text} (${code}); ${remedy}`, {
    retryable: !isCertificateProblem(cause),
    cause,
  });
}

/** What is wrong with the certificate of a server, behind "its certificate", and what to do; undefined for nothing. */
export function certificateWords(server: string, cause: unknown): readonly [string, string] | undefined {
  const fault = certificateFault(causeCode(cause) ?? '');
  if (fault === undefined) return undefined;
  return describeCertificateFault(fault, {
    host: new URL(server).hostname,
    names: certifiedNames(cause),
    reader: 'this machine',
    trust: "pass its authority's certificates with --server-crt FILE",
  });
}

function describeConnection(server: string, code: string, cause: unknown): readonly [string, string] {
  const certificate = certificateWords(server, cause);
  if (certificate !== undefined) {
    const [what, remedy] = certificate;
    return [`has a certificate that ${what}`, `${remedy}, or pass --insecure to skip the check`];
  }
  if (isPlaintextAnswer(cause)) return ['does not speak TLS', 'pass --plaintext'];
  if (/^ERR_SSL_.*ALERT/.test(code)) {
    return ['refuses the TLS handshake', 'have it speak TLS 1.2 or 1.3 and show a certificate'];
  }
  if (cause instanceof Error && cause.cause instanceof Error && cause.cause.message === 'bad port') {
    return ['has a port that HTTP clients refuse to use', 'serve it on another one'];
  }
  const login =
    'check that it runs and that the address is right, or run keelson login SERVER for another one';
  if (code === 'ECONNREFUSED') return ['refused the connection', login];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return ['has an unknown host name', login];
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') {
    return ['closed the connection', closedRemedy(server)];
  }
  return ['cannot be reached', login];
}

/** Speaking in the clear may come from a flag, an address or the config; this gets past all of them. */
function closedRemedy(server: string): string {
  if (server.startsWith('https:')) return "try again, and see the server's log if it stays";
  const encrypted = server.replace('http:', 'https:');
  return `if it speaks TLS, leave --plaintext out and write its address as ${encrypted}; else try again`;
}

/** The names in the certificate, which Node adds to its error. */
function certifiedNames(cause: unknown): string | undefined {
  for (const error of causesOf(cause)) {
    if (!('cert' in error) || typeof error.cert !== 'object' || error.cert === null) continue;
    const names: unknown = Reflect.get(error.cert, 'subjectaltname');
    if (typeof names === 'string') return names;
  }
  return undefined;
}

/** The system's word for a failure, searched through the chain of causes. */
function causeCode(cause: unknown): string | undefined {
  for (const error of causesOf(cause)) {
    if ('code' in error && typeof error.code === 'string') return error.code;
  }
  return undefined;
}

/** An error and what caused it, outermost first; of several attempts the first. */
function causesOf(cause: unknown): Error[] {
  const found: Error[] = [];
  for (let current = cause; current instanceof Error && found.length < 5; ) {
    found.push(current);
    current = current instanceof AggregateError ? (current.errors[0] ?? current.cause) : current.cause;
  }
  return found;
}
