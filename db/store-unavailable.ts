/** Connection failures as Node.js, gRPC and PostgreSQL name them: refused, reset, shutting down, starting up. */
const awayCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  // Deadlines of ours: a statement, a lock, a pause in a transaction.
  '57014',
  '55P03',
  '25P03',
  // Deadline exceeded and unavailable, by which the engine's client says that its server is away.
  4,
  14,
]);

/** Classes of PostgreSQL's codes that say nothing of the statement: connection, rollback by others, no resources. */
const awayClasses = /^(08|40|53)[0-9A-Z]{3}$/;

/** What the driver says of a connection without giving it a code. */
const awayWords =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered|Query read timeout)/;

/** Whether an error says that a store, the database or the engine's, can't be reached or used at the moment. */
export function isStoreUnavailable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (awayWords.test(cause.message)) return true;
    if (!('code' in cause)) continue;
    if (awayCodes.has(cause.code) || awayClasses.test(String(cause.code))) return true;
  }
  return false;
}
