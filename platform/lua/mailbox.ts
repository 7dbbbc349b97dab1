/** States of the one letter that travels between the two threads. */
const letterStates = { none: 0, request: 1, reply: 2 } as const;

const readyAt = 0;
const stateAt = 1;
const lengthAt = 2;
const headerBytes = 16;

/** Larger than any object etcd takes, several times; untouched pages of it cost nothing. */
const capacity = 16 * 1024 * 1024;

/** Shared memory through which one thread asks and another answers, so that the first can wait without its event loop. */
export type Mailbox = {
  readonly memory: SharedArrayBuffer;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly content: Buffer<SharedArrayBuffer>;
};

/** A mailbox, over memory that the other side made when given. */
export function createMailbox(memory = new SharedArrayBuffer(headerBytes + capacity)): Mailbox {
  return {
    memory,
    control: new Int32Array(memory, 0, headerBytes / 4),
    content: Buffer.from(memory, headerBytes),
  };
}

/** Writes a text as the letter; false when it doesn't fit. */
function put({ control, content }: Mailbox, text: string): boolean {
  // A character of UTF-16 takes at most three bytes; only near the limit it is worth counting.
  if (text.length * 3 > content.length && Buffer.byteLength(text, 'utf8') > content.length) return false;
  control[lengthAt] = content.write(text, 'utf8');
  return true;
}

function take({ control, content }: Mailbox): string {
  return content.toString('utf8', 0, control[lengthAt]);
}

function announce({ control }: Mailbox, state: number): void {
  Atomics.store(control, stateAt, state);
  Atomics.notify(control, stateAt);
}

/** Says that the answering side can take letters. */
export function announceReady({ control }: Mailbox): void {
  Atomics.store(control, readyAt, 1);
  Atomics.notify(control, readyAt);
}

/** Waits for the answering side to be ready; false when it took too long. */
export function waitReady({ control }: Mailbox, milliseconds: number): boolean {
  return Atomics.wait(control, readyAt, 0, milliseconds) !== 'timed-out';
}

/** As `waitReady`, without holding up the thread. */
export async function untilReady({ control }: Mailbox, milliseconds: number): Promise<boolean> {
  return (await Atomics.waitAsync(control, readyAt, 0, milliseconds).value) !== 'timed-out';
}

/** Posts a request; false when it doesn't fit. */
export function postRequest(mailbox: Mailbox, text: string): boolean {
  if (!put(mailbox, text)) return false;
  announce(mailbox, letterStates.request);
  return true;
}

/** Waits for the reply to the posted request; undefined when it took too long. */
export function waitReply(mailbox: Mailbox, milliseconds: number): string | undefined {
  const woken = Atomics.wait(mailbox.control, stateAt, letterStates.request, milliseconds);
  return woken === 'timed-out' ? undefined : take(mailbox);
}

/** As `waitReply`, without holding up the thread. */
export async function untilReply(mailbox: Mailbox, milliseconds: number): Promise<string | undefined> {
  const woken = await Atomics.waitAsync(mailbox.control, stateAt, letterStates.request, milliseconds).value;
  return woken === 'timed-out' ? undefined : take(mailbox);
}

/** Answers requests for ever, holding the thread. */
export function answerRequests(
  mailbox: Mailbox,
  answer: (request: string) => string,
  tooLong: string,
): never {
  for (;;) {
    const state = Atomics.load(mailbox.control, stateAt);
    if (state !== letterStates.request) {
      Atomics.wait(mailbox.control, stateAt, state);
      continue;
    }
    const reply = answer(take(mailbox));
    if (!put(mailbox, reply)) put(mailbox, tooLong);
    announce(mailbox, letterStates.reply);
  }
}
