import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';
import type { ThreadMessage, ThreadQuestion } from '../../../platform/sealed-thread.ts';
import type { PasswordQuestion } from './password-check.ts';

const post = (message: ThreadMessage<boolean>): void => parentPort?.postMessage(message);

/** Nothing else waits in this thread, so each comparison may take its processor as a whole. */
parentPort?.on('message', ({ id, question }: ThreadQuestion<PasswordQuestion>) => {
  post({ id, answer: compareSync(question.password, question.hash) });
});

post({ ready: true });
