import { KeelsonError } from '../../../core/errors.ts';
import { createSealedThread } from '../../../platform/sealed-thread.ts';
import { Refusal } from '../../reply/problem.ts';
import { hashRounds } from '../account.ts';

/** A password and the bcrypt hash that it may belong to, or with how many rounds it is to be hashed. */
export type PasswordQuestion = { readonly password: string } & (
  | { readonly hash: string }
  | { readonly rounds: number }
);

/** A place in the queue. */
export type PasswordSlot = {
  compare(password: string, hash: string): Promise<boolean>;
  hash(password: string): Promise<string>;
  leave(): void;
};

/** Compares and hashes passwords away from the event loop, one after the other. */
export type PasswordCheck = {
  /** Takes a place in the queue for a caller; throws 429 when there is none. Whoever takes one has to leave it. */
  enter(caller: string): PasswordSlot;
};

/** A comparison takes some 80 ms of one core: whoever is last waits for two seconds, not for minutes. */
const mostWaiting = 24;
const mostOfCaller = 4;
const compareMilliseconds = 15_000;
const retrySeconds = 2;

export function createPasswordCheck(): PasswordCheck {
  const thread = createSealedThread<PasswordQuestion, boolean | string>({
    name: 'password check',
    script: new URL('./password-thread.ts', import.meta.url),
    maxOldGenerationMegabytes: 64,
  });
  const callers = new Map<string, number>();
  let waiting = 0;
  const ask = async (question: PasswordQuestion): Promise<boolean | string> => {
    const outcome = await thread.ask(question, compareMilliseconds);
    if ('answer' in outcome) return outcome.answer;
    throw new KeelsonError('unavailable', 'password could not be checked; try again', { retryable: true });
  };
  return {
    enter(caller) {
      const own = callers.get(caller) ?? 0;
      if (own >= mostOfCaller || waiting >= mostWaiting) {
        throw new Refusal(429, 'too many logins at once; try again in a moment', retrySeconds);
      }
      callers.set(caller, own + 1);
      waiting += 1;
      return {
        compare: async (password, hash) => (await ask({ password, hash })) === true,
        hash: async (password) => String(await ask({ password, rounds: hashRounds })),
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
