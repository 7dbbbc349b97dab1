import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { KeelsonError } from '../../core/errors.ts';

/** The terminal or pipe on which questions are asked. */
export type Dialogue = {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Questions go here, so that standard output stays clean for programs. */
  readonly stderr: { write(text: string): unknown };
  readonly signal?: AbortSignal | undefined;
};

/** Whether somebody is there to answer. */
export function canAsk(dialogue: Dialogue): boolean {
  return dialogue.stdin.isTTY === true;
}

/** Asks for one line; with `hidden` nothing that is typed appears. */
export async function ask(
  dialogue: Dialogue,
  question: string,
  options: { hidden?: boolean } = {},
): Promise<string> {
  const echo = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (options.hidden !== true) dialogue.stderr.write(chunk.toString('utf8'));
      done();
    },
  });
  const reader = createInterface({ input: dialogue.stdin, output: echo, terminal: true });
  // The reader draws a visible prompt itself, since it redraws the line when something is corrected.
  if (options.hidden === true) dialogue.stderr.write(question);
  else reader.setPrompt(question);
  reader.prompt();
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = (): void => reject(new DOMException('interrupted', 'AbortError'));
      reader.once('line', resolve);
      reader.once('SIGINT', stop);
      reader.once('close', stop);
      dialogue.signal?.addEventListener('abort', stop, { once: true });
    });
  } finally {
    reader.close();
    if (options.hidden === true) dialogue.stderr.write('\n');
  }
}

/** Asks for what a flag would have said; without anybody to ask it throws and names the flag. */
export async function askOrRefuse(
  dialogue: Dialogue,
  question: string,
  flag: string,
  options: { hidden?: boolean },
): Promise<string> {
  if (canAsk(dialogue)) return ask(dialogue, question, options);
  throw new KeelsonError(
    'invalid-argument',
    `${flag} is missing and nobody can be asked for it; pass ${flag}`,
  );
}

/** Asks a question that only `y` or `yes` agrees to. */
export async function agree(dialogue: Dialogue, question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(dialogue, `${question} (y/n) `)).trim());
}

/** The same for a question that has to be answered; without anybody to ask it throws with the remedy. */
export async function confirm(dialogue: Dialogue, question: string, remedy: string): Promise<boolean> {
  if (!canAsk(dialogue)) {
    throw new KeelsonError('invalid-argument', `confirmation is needed and nobody can be asked; ${remedy}`);
  }
  return agree(dialogue, question);
}

/** Everything on standard input. */
export function readInput(dialogue: Dialogue): Promise<string> {
  return readAll(dialogue.stdin);
}
