import type { ResourceKey } from './object/key.ts';
import { formatKey } from './object/key.ts';

/** What went wrong, as a word that programs branch on; the wording for people is in the message. */
export type ErrorCode =
  | 'apply-conflict'
  | 'cluster-unreachable'
  | 'conflict'
  | 'fenced'
  | 'forbidden'
  | 'hook-failed'
  | 'immutable-field'
  | 'internal'
  | 'invalid-argument'
  | 'kind-unknown'
  | 'manifest-invalid'
  | 'not-found'
  | 'object-invalid'
  | 'precondition-failed'
  | 'render-failed'
  | 'revision-not-found'
  | 'source-unreachable'
  | 'timeout'
  | 'tool-missing'
  | 'unauthenticated'
  | 'unavailable';

export type ErrorOptions = {
  readonly retryable?: boolean;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
};

/** Every expected failure of Keelson: a code for programs, a sentence with a remedy for people. */
export class KeelsonError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KeelsonError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
  }
}

/** A failure of one Kubernetes object; the message starts with the object. */
export class ObjectError extends KeelsonError {
  readonly key: ResourceKey;

  constructor(code: ErrorCode, key: ResourceKey, message: string, options: ErrorOptions = {}) {
    super(code, `${formatKey(key)}: ${message}`, options);
    this.name = 'ObjectError';
    this.key = key;
  }
}

/** Makes a switch over a literal union exhaustive at compile time. */
export function assertNever(value: never): never {
  throw new KeelsonError('internal', `unexpected value ${JSON.stringify(value)}`);
}
