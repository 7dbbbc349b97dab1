import type { OperationKind, SyncRequest } from './operation.ts';

/** An operation, as far as its time is concerned. */
export type Timed = {
  readonly kind: OperationKind;
  readonly request: Pick<SyncRequest, 'deletion'>;
  readonly requestedAt: Date;
  /** When the sync timeout ends it; a deletion has none. */
  readonly deadline: Date | null;
  readonly terminateRequestedAt: Date | null;
};

/**
 * When an operation's time is up: a sync's is counted from its start and stands in its row, a deletion's from its
 * request, as that says. Null where it may take as long as it takes.
 */
export function deadlineOf({
  kind,
  request,
  requestedAt,
  deadline,
}: Omit<Timed, 'terminateRequestedAt'>): Date | null {
  if (kind === 'sync') return deadline;
  const seconds = request.deletion?.deadlineSeconds;
  return seconds === undefined ? null : new Date(requestedAt.getTime() + seconds * 1000);
}

/** Whether its deadline, and not a person, has asked for an operation's end. */
export function isExpired(operation: Timed): boolean {
  const deadline = deadlineOf(operation);
  const { terminateRequestedAt } = operation;
  return deadline !== null && terminateRequestedAt !== null && terminateRequestedAt >= deadline;
}
