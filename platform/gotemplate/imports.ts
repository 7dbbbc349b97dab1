import { createHash, randomFillSync } from 'node:crypto';
import { ownField } from '../../core/own-field.ts';
import type { WasmMemory } from './wasm.ts';

/** Numbers of WASI: what calls answer, and the two clocks. */
const errors = { none: 0, badDescriptor: 8, notSupported: 58 } as const;
const wallClock = 0;
const standardError = 2;

/** What Go says when it gives up is kept to this length: its first line tells the reason. */
const maxLastWords = 2_000;

/** The module asked to be ended. */
export class ModuleExit extends Error {}

/** The world as the module sees it: a clock that stands, random bytes of a seed, and nothing else. */
export type SealedWorld = {
  /** The functions that Go's modules import. */
  readonly imports: Record<string, unknown>;
  /** Sets clock and random bytes of the next call. */
  begin(seed: string, time: number): void;
  /** What the module wrote to its standard error in this call; may hold data, so it is for decisions alone. */
  lastWords(): string;
};

/** A world over the memory that the module will have exported when the first function is called. */
export function createSealedWorld(memory: () => WasmMemory): SealedWorld {
  let nanoseconds = 0n;
  let randomBytes: ((target: Uint8Array) => void) | undefined;
  let words = '';

  const view = (): DataView => new DataView(memory().buffer);
  const bytes = (at: number, length: number): Uint8Array => new Uint8Array(memory().buffer, at, length);
  const noList = (countAt: number, sizeAt: number): number => {
    view().setUint32(countAt, 0, true);
    view().setUint32(sizeAt, 0, true);
    return errors.none;
  };

  const answered: Record<string, (...parts: never[]) => number> = {
    args_get: () => errors.none,
    args_sizes_get: noList,
    environ_get: () => errors.none,
    environ_sizes_get: noList,
    sched_yield: () => errors.none,
    clock_time_get: (clock: number, _precision: bigint, at: number) => {
      // Go measures its garbage collection by the other clock.
      const now = clock === wallClock ? nanoseconds : BigInt(Math.round(performance.now() * 1e6));
      view().setBigUint64(at, now, true);
      return errors.none;
    },
    random_get: (at: number, length: number) => {
      const target = bytes(at, length);
      if (randomBytes === undefined) randomFillSync(target);
      else randomBytes(target);
      return errors.none;
    },
    fd_write: (descriptor: number, parts: number, count: number, writtenAt: number) => {
      let written = 0;
      for (let part = 0; part < count; part++) {
        const at = view().getUint32(parts + 8 * part, true);
        const length = view().getUint32(parts + 8 * part + 4, true);
        if (descriptor === standardError && words.length < maxLastWords)
          words += Buffer.from(bytes(at, Math.min(length, maxLastWords))).toString('utf8');
        written += length;
      }
      view().setUint32(writtenAt, written, true);
      return errors.none;
    },
    // Nothing in the module sleeps; what is asked to wait is told that its time has come.
    poll_oneoff: (questions: number, events: number, count: number, countAt: number) => {
      for (let event = 0; event < count; event++) {
        bytes(events + 32 * event, 32).fill(0);
        view().setBigUint64(events + 32 * event, view().getBigUint64(questions + 48 * event, true), true);
      }
      view().setUint32(countAt, count, true);
      return errors.none;
    },
    proc_exit: (code: number) => {
      throw new ModuleExit(`module ended with ${code}`);
    },
    fd_fdstat_get: () => errors.badDescriptor,
    fd_prestat_get: () => errors.badDescriptor,
  };

  return {
    // Files, folders and sockets: whatever else is imported is not supported.
    imports: new Proxy(answered, {
      get: (known, name: string) => ownField(known, name) ?? (() => errors.notSupported),
    }),
    begin(seed, time) {
      nanoseconds = BigInt(time) * 1_000_000n;
      randomBytes = streamOf(seed);
      words = '';
    },
    lastWords: () => words,
  };
}

/** Random bytes that follow from a seed: hashes of the seed and a counter, one after the other. */
function streamOf(seed: string): (target: Uint8Array) => void {
  let count = 0;
  let left = new Uint8Array(0);
  return (target) => {
    for (let filled = 0; filled < target.length; ) {
      if (left.length === 0) left = createHash('sha256').update(`${count++}:${seed}`).digest();
      const part = left.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      left = left.subarray(part.length);
    }
  };
}
