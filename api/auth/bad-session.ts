import { KeelsonError } from '../../core/errors.ts';

/** The error for a session that doesn't count, or no longer. */
export function badSession(why: string, remedy = 'log in again', cause?: unknown): KeelsonError {
  return new KeelsonError('unauthenticated', `invalid session: ${why}; ${remedy}`, { cause });
}
