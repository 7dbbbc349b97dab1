/** Postgres: deadlock_detected. */
const deadlockDetected = '40P01';
const mostTries = 5;

/**
 * Repeats a transaction, or a statement by itself, that Postgres chose to end a deadlock with: two transactions that
 * touch the same rows in different orders, such as a deletion and a comparison, are both right. Nothing of the ended one
 * is stored, and transactions do nothing outside the database.
 */
export async function repeated<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === mostTries || !isDeadlock(error)) throw error;
    }
  }
}

function isDeadlock(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && cause.code === deadlockDetected) return true;
  }
  return false;
}
