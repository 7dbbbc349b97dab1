import { type ErrorCode, KeelsonError } from '../../core/errors.ts';
import { RunError, type RunFailure } from '../exec.ts';

/** What is sent to a launcher. */
export type Request =
  | { readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly id: number; readonly stop: true };

/** The same as it comes: the input is that of the handler of its name, since both ends are one program. */
export type Received =
  | { readonly id: number; readonly name: string; readonly input: never }
  | { readonly id: number; readonly stop: true };

/** What it answers. */
export type Reply =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly failure: SentFailure };

/** A failure as data: classes don't survive the way between processes. */
type SentFailure = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** Of a program that was run. */
  readonly run?: {
    readonly failure: RunFailure;
    readonly stderr: string;
    readonly exitCode: number | undefined;
  };
};

/** A failure in the form in which it is sent. */
export function sentFailure(cause: unknown): SentFailure {
  if (!(cause instanceof KeelsonError)) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return { code: 'internal', message, retryable: false };
  }
  const { code, message, retryable } = cause;
  if (!(cause instanceof RunError)) return { code, message, retryable };
  const { failure, stderr, exitCode } = cause;
  return { code, message, retryable, run: { failure, stderr, exitCode } };
}

/** The error that was sent. */
export function receivedFailure({ code, message, retryable, run }: SentFailure): KeelsonError {
  if (run === undefined) return new KeelsonError(code, message, { retryable });
  return new RunError(run.failure, message, run.stderr, undefined, run.exitCode);
}
