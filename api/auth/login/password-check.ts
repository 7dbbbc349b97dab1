import { KeelsonError } from '../../../core/errors.ts';
import { createSealedThread } from '../../../platform/sealed-thread.ts';
import { Refusal } from '../../problem.ts';

/** A password and the bcrypt hash that it may belong to. */
export type PasswordQuestion = { readonly password: string; readonly hash: string };

/** Compares passwords away from the event loop, one after the other. */
export type PasswordCheck = {
  /** Takes a place in the queue for a caller; throws 429 when there is none. Whoever takes one has to leave it. */
  enter(caller: string): { compare(question: PasswordQuestion): Promise<boolean>; leave(): void };
};

/** A comparison takes some 80 ms of one core: whoever is last waits for two seconds, not for minutes. */
const mostWaiting = 24;
const mostOfCaller = 4;
const compareMilliseconds = 15_000;
const retrySeconds = 2;

export function createPasswordCheck(): PasswordCheck {
  const thread = createSealedThread<PasswordQuestion, boolean>({
    name: 'password check',
    script: new URL('./password-thread.ts', import.meta.url),
    maxOldGenerationMegabytes: 64,
  });
  const callers = new Map<string, number>();
  let waiting = 0;
  return {
    enter(caller) {
      const own = callers.get(caller) ?? 0;
      if (own >= mostOfCaller || waiting >= mostWaiting) {
        throw new Refusal(429, 'too many logins at once; try again in a moment', retrySeconds);
      }
      callers.set(caller, own + 1);
      waiting += 1;
      return {
        async compare(question) {
          const outcome = await thread.ask(question, compareMilliseconds);
          if ('answer' in outcome) return outcome.answer;
          throw new KeelsonError('unavailable', 'password could not be checked; try again', {
            retryable: true,
          });
        },
        leave() {
          waiting -= 1;
          const left = (callers.get(caller) ?? 1) - 1;
          if (left > 0) callers.set(caller, left);
          else callers.delete(caller);
        },
      };
    },
  };
}
