import { KeelsonError } from '../../core/errors.ts';

/** Writes of one object that are overtaken this often meet somebody who writes all the time. */
const mostTries = 5;

/** Tries again what somebody has come between, from its read on. */
export async function untilNotOvertaken<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act();
    } catch (error) {
      if (tries === mostTries || !isOvertaken(error)) throw error;
    }
  }
}

/** Whether the object has changed since it was read. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof KeelsonError && error.details['reason'] === 'Conflict';
}

/** Whether an object of the name was there already. */
export function isTaken(error: unknown): boolean {
  return error instanceof KeelsonError && error.details['reason'] === 'AlreadyExists';
}
