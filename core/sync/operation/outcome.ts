/** How an attempt ended, before retries are considered. */
export type AttemptOutcome =
  | { readonly phase: 'Succeeded' }
  | AttemptFailure
  /** Somebody asked to stop it, or its time was up. */
  | { readonly phase: 'Terminated' }
  /** It gave way to a newer revision. */
  | { readonly phase: 'Superseded' }
  /** Another run has taken its right to write. */
  | { readonly phase: 'Fenced'; readonly message: string };

/** An attempt that failed: by what it brought, or by an error of whatever it needed. */
export type AttemptFailure = {
  readonly phase: 'Failed' | 'Error';
  readonly message: string;
  /** Whether the same attempt made again may end differently. */
  readonly retryable: boolean;
  /** What it had come to when ending its hooks failed. */
  readonly after?: AttemptOutcome;
};

/** How an attempt ended, in words. */
export function outcomeWords(outcome: AttemptOutcome): string {
  switch (outcome.phase) {
    case 'Succeeded':
      return 'successfully synced (all tasks run)';
    case 'Terminated':
      return 'Operation terminated';
    case 'Superseded':
      return 'superseded by a newer revision';
    case 'Fenced':
      return outcome.message;
    default:
      return failureWords(outcome);
  }
}

function failureWords({ message, after }: AttemptFailure): string {
  if (after === undefined) return message;
  if (after.phase === 'Terminated') return `Operation termination had errors: ${message}`;
  return `${outcomeWords(after)}; ending the hooks failed: ${message}`;
}

/** Whether the same attempt made again may end differently. */
export function isRetryable(outcome: AttemptOutcome): boolean {
  return (outcome.phase === 'Failed' || outcome.phase === 'Error') && outcome.retryable;
}
