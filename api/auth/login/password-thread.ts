import { parentPort } from 'node:worker_threads';
import { compareSync, hashSync } from 'bcryptjs';
import type { ThreadMessage, ThreadQuestion } from '../../../platform/sealed-thread.ts';
import type { PasswordQuestion } from './password-check.ts';

const post = (message: ThreadMessage<boolean | string>): void => parentPort?.postMessage(message);

/** Nothing else waits in this thread, so each question may take its processor as a whole. */
parentPort?.on('message', ({ id, question }: ThreadQuestion<PasswordQuestion>) => {
  const { password } = question;
  const answer =
    'rounds' in question ? hashSync(password, question.rounds) : compareSync(password, question.hash);
  post({ id, answer });
});

post({ ready: true });
