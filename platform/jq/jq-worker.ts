import { parentPort } from 'node:worker_threads';
import { raw } from 'jq-wasm';
import type { ThreadMessage, ThreadQuestion } from '../sealed-thread.ts';
import type { JqAnswer, JqQuestion } from './evaluator.ts';

/** 64 MiB in pages of 64 KiB: a manifest is 1 MiB at most, and what needs more of it is a mistake. */
const mostPages = 1024;

const pageBytes = 65_536;

/** The part of WebAssembly's memory that is used here; the types of Node leave it out. */
type Memory = { readonly buffer: ArrayBuffer; grow(pages: number): number };

const { prototype } = Reflect.get(Reflect.get(globalThis, 'WebAssembly'), 'Memory') as { prototype: Memory };
const grow = prototype.grow;
prototype.grow = function (this: Memory, pages: number): number {
  if (this.buffer.byteLength / pageBytes + pages > mostPages) {
    throw new RangeError('jq needs more memory than it may have');
  }
  return grow.call(this, pages);
};

/** A program that ran into the memory limit leaves the runtime in an unknown state. */
const brokenRuntime = /memory|abort|unreachable|out of bounds/i;

const post = (message: ThreadMessage<JqAnswer>): void => parentPort?.postMessage(message);

/** Answers one program after the other; the parent counts the time and ends this thread when it runs out. */
parentPort?.on('message', ({ id, question: { input, filter } }: ThreadQuestion<JqQuestion>) => {
  raw(input, filter, ['-c']).then(
    (output) => post({ id, answer: { output } }),
    (cause: unknown) => {
      const error = String(cause);
      if (brokenRuntime.test(error)) post({ id, fault: 'jq needs more memory than it may have' });
      else post({ id, answer: { error } });
    },
  );
});

// The first program pays for the start of the runtime, which must not count as its time.
await raw('null', '.');
post({ ready: true });
