import { KeelsonError } from '../../../core/errors.ts';

/** What a call fails with; throws where it succeeds, or fails in another way than with words for people. */
export async function failureOf(call: Promise<unknown>): Promise<KeelsonError> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof KeelsonError) return outcome;
  throw new Error(`expected a KeelsonError, got ${String(outcome)}`);
}
