import type { ErrorCode } from '../errors.ts';

/** Why a write of an action was not made; `retryable`: the object was changed meanwhile, so that a new decision may do. */
export type ActionFailure = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
};

/** What became of one write of an action. */
export type WriteResult =
  | { readonly state: 'written'; readonly uid: string; readonly version: string }
  | ({ readonly state: 'refused' } & ActionFailure);

/** What became of an action of several writes: how many were made, and why the next was not. */
export type ActionOutcome = { readonly done: number; readonly failure?: ActionFailure };

/** What results come to; nothing is written after a refusal. */
export function outcomeOf(results: readonly WriteResult[]): ActionOutcome {
  const done = results.filter(({ state }) => state === 'written').length;
  const refused = results.find((result) => result.state === 'refused');
  if (refused === undefined) return { done };
  const { code, message, retryable } = refused;
  return { done, failure: { code, message, retryable } };
}
