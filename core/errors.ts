import { formatJson } from './object/json/json.ts';
import type { ResourceKey } from './object/key.ts';
import { formatKey } from './object/key.ts';
import { storableText } from './text/storable-text.ts';

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

/** Why a failure may pass by itself; `core/retry-policy.ts` says how often each is tried. */
export type Transience = 'unreachable' | 'conflict' | 'unexplained' | 'webhook';

export type ErrorOptions = {
  /** Whether the failure may pass by itself, for a reason that says nothing about what was tried. */
  readonly retryable?: boolean;
  /** Why it may pass, where that is known better. */
  readonly transience?: Transience | undefined;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
};

/** Every expected failure of Keelson: a code for programs, a sentence with a remedy for people. */
export class KeelsonError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /** Why it may; undefined where it never does. */
  readonly transience: Transience | undefined;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(storableText(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KeelsonError';
    this.code = code;
    this.transience = options.transience ?? (options.retryable === true ? 'unreachable' : undefined);
    this.retryable = this.transience !== undefined;
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

/** Errors of the language itself, whose words quote code and no data. */
const harmless: ReadonlySet<string> = new Set(['RangeError', 'ReferenceError', 'TypeError']);

/**
 * An error in words that may be shown. The text of an error that isn't ours may quote anything, such as the parameters of
 * a statement, so of others only the name and the code remain.
 */
export function describeError(error: unknown): string {
  if (error instanceof KeelsonError) return error.message;
  if (!(error instanceof Error)) return 'internal error';
  if (isTooDeep(error)) {
    return 'it is nested thousands of levels deep, more than can be worked with; take what is deep out of it';
  }
  const code = codeOf(error);
  const words = harmless.has(error.name) ? `${error.name}: ${error.message}` : error.name;
  return storableText(`internal error (${words}${code === undefined ? '' : `, code ${code}`})`);
}

/** Whether work ran out of stack: what calls itself for each level does so for a value that others have nested. */
function isTooDeep(error: Error): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** The first code in a chain of causes: that of Node.js, of PostgreSQL, of gRPC. */
function codeOf(error: Error): string | number | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && (typeof cause.code === 'string' || typeof cause.code === 'number'))
      return cause.code;
  }
  return undefined;
}

/** Makes a switch over a literal union exhaustive at compile time. */
export function assertNever(value: never): never {
  throw new KeelsonError('internal', `unexpected value ${formatJson(value)}`);
}
