import { createSealedThread } from '../sealed-thread.ts';

/** What a program printed, or why it failed. */
export type Evaluation = { readonly output: string } | { readonly error: string; readonly timedOut: boolean };

/** Runs jq programs in a thread of their own, one after the other. */
export type Evaluator = {
  evaluate(input: string, filter: string): Promise<Evaluation>;
  close(): Promise<void>;
};

/** A program and its input. */
export type JqQuestion = { readonly input: string; readonly filter: string };
/** What jq printed, or its complaint. */
export type JqAnswer = { readonly output: string } | { readonly error: string };

/** An evaluator whose programs get the given time; a thread that exceeds it is ended and replaced. */
export function createEvaluator(limitMilliseconds: number): Evaluator {
  const thread = createSealedThread<JqQuestion, JqAnswer>({
    name: 'jq',
    script: new URL('./jq-worker.ts', import.meta.url),
    maxOldGenerationMegabytes: 128,
  });
  return {
    async evaluate(input, filter) {
      const outcome = await thread.ask({ input, filter }, limitMilliseconds);
      if ('ended' in outcome) return { error: outcome.message, timedOut: outcome.ended === 'time' };
      return 'output' in outcome.answer ? outcome.answer : { error: outcome.answer.error, timedOut: false };
    },
    close: () => thread.close(),
  };
}
