/** Postgres: unique_violation. */
const uniqueViolation = '23505';

/** Whether an error is Postgres refusing a second row for a named unique index. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code, constraint: named } = cause as Error & { code?: string; constraint?: string };
    if (code === uniqueViolation && named === constraint) return true;
  }
  return false;
}
