import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type ErrorCode, KeelsonError } from '../../core/errors.ts';
import type { Problem as ProblemBody } from '../../core/wire/shape.ts';
import { isStoreUnavailable } from '../../db/store-unavailable.ts';

/** gRPC status codes that replies carry: clients of this API family branch on the numbers. */
export const grpc = {
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;
export type GrpcCode = (typeof grpc)[keyof typeof grpc];

type Status = { readonly code: GrpcCode; readonly http: ContentfulStatusCode };

const invalid: Status = { code: grpc.invalidArgument, http: 400 };
const precondition: Status = { code: grpc.failedPrecondition, http: 400 };
const aborted: Status = { code: grpc.aborted, http: 409 };
const internal: Status = { code: grpc.internal, http: 500 };
const unavailable: Status = { code: grpc.unavailable, http: 503 };

const statuses: Readonly<Record<ErrorCode, Status>> = {
  'apply-conflict': aborted,
  'cluster-unreachable': unavailable,
  conflict: aborted,
  fenced: aborted,
  forbidden: { code: grpc.permissionDenied, http: 403 },
  'hook-failed': precondition,
  'immutable-field': invalid,
  internal,
  'invalid-argument': invalid,
  'kind-unknown': invalid,
  'manifest-invalid': invalid,
  'not-found': { code: grpc.notFound, http: 404 },
  'object-invalid': invalid,
  'precondition-failed': precondition,
  'render-failed': precondition,
  'revision-not-found': precondition,
  'source-unreachable': unavailable,
  timeout: { code: grpc.deadlineExceeded, http: 504 },
  'tool-missing': internal,
  unauthenticated: { code: grpc.unauthenticated, http: 401 },
  unavailable,
};

/** An error reply: its status and its body. */
export type Problem = { readonly http: ContentfulStatusCode; readonly body: ProblemBody };

export function problem(http: ContentfulStatusCode, code: GrpcCode, message: string): Problem {
  return { http, body: { error: message, code, message } };
}

/** A request that is refused for what it costs, not for what it asks. */
export class Refusal extends HTTPException {
  /** After how long it may come again; undefined where that changes nothing. */
  readonly retrySeconds: number | undefined;

  constructor(status: ContentfulStatusCode, message: string, retrySeconds?: number) {
    super(status, { message });
    this.retrySeconds = retrySeconds;
  }
}

/** The reply for an error. What isn't an expected failure tells the client nothing about the inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof KeelsonError) {
    const { http, code } = isWrongSource(error) ? precondition : statuses[error.code];
    return problem(http, code, error.message);
  }
  if (error instanceof HTTPException) return problem(error.status, codeOfHttp(error.status), error.message);
  if (isStoreUnavailable(error)) {
    return problem(503, grpc.unavailable, 'database is not reachable at the moment; try again');
  }
  return problem(500, grpc.internal, "internal error; the server's log has the cause");
}

/** A source that no later try can read is wrong as it was given, and not away. */
function isWrongSource({ code, retryable }: KeelsonError): boolean {
  return code === 'source-unreachable' && !retryable;
}

/** Whether an error is a fault of the server, which belongs in its log. */
export function isFault(error: unknown): boolean {
  if (error instanceof HTTPException) return false;
  return problemOf(error).http >= 500 && !(error instanceof KeelsonError && error.retryable);
}

const byHttp: Readonly<Record<number, GrpcCode>> = {
  400: grpc.invalidArgument,
  401: grpc.unauthenticated,
  403: grpc.permissionDenied,
  404: grpc.notFound,
  408: grpc.deadlineExceeded,
  409: grpc.aborted,
  413: grpc.resourceExhausted,
  429: grpc.resourceExhausted,
  501: grpc.unimplemented,
  503: grpc.unavailable,
  504: grpc.deadlineExceeded,
};

function codeOfHttp(status: number): GrpcCode {
  return byHttp[status] ?? grpc.unknown;
}
