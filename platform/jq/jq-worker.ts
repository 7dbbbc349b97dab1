import { parentPort } from 'node:worker_threads';
import { raw } from 'jq-wasm';

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

type Question = { readonly id: number; readonly input: string; readonly filter: string };

/** Answers one program after the other; the parent counts the time and ends this thread when it runs out. */
parentPort?.on('message', ({ id, input, filter }: Question) => {
  raw(input, filter, ['-c']).then(
    (output) => parentPort?.postMessage({ id, output }),
    (error: unknown) => parentPort?.postMessage({ id, error: String(error) }),
  );
});

// The first program pays for the start of the runtime, which must not count as its time.
await raw('null', '.');
parentPort?.postMessage({ ready: true });
