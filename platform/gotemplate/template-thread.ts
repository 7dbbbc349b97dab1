import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadMessage, ThreadQuestion } from '../sealed-thread.ts';
import type { ModuleCall, ModuleInput } from './call.ts';
import { createSealedWorld, type SealedWorld } from './imports.ts';
import { type TemplateInstance, wasm, withMemoryLimit } from './wasm.ts';

const { modulePath, maxPages } = workerData as ModuleInput;
const post = (message: ThreadMessage<string>): void => parentPort?.postMessage(message);

const world: SealedWorld = createSealedWorld(() => instance.exports.memory);
const module = new wasm.Module(withMemoryLimit(readFileSync(modulePath), maxPages));
let instance: TemplateInstance;
let isFresh: boolean;
start();

function start(): void {
  instance = new wasm.Instance(module, { wasi_snapshot_preview1: world.imports });
  instance.exports._initialize();
  isFresh = true;
}

function run({ request, seed, time }: ModuleCall): string {
  const asked = Buffer.from(request, 'utf8');
  world.begin(seed, time);
  isFresh = false;
  const at = instance.exports.reserve(asked.length);
  new Uint8Array(instance.exports.memory.buffer, at, asked.length).set(asked);
  const place = instance.exports.answer();
  const address = Number(BigInt.asUintN(64, place) >> 32n);
  return Buffer.from(instance.exports.memory.buffer, address, Number(place & 0xffff_ffffn)).toString('utf8');
}

const outOfMemory = 'needs more memory than it may have';

/** Why the module gave up, in words of ours: its own may repeat what it worked on. */
function reasonOf(cause: unknown): string {
  if (/out of memory|cannot allocate/.test(world.lastWords())) return outOfMemory;
  if (/stack/.test(world.lastWords()) || cause instanceof RangeError) return 'goes too deep into itself';
  return 'ended the program that ran it';
}

/** Whether a call has enough memory does not depend on what the calls before it left behind. */
function runWithAllMemory(call: ModuleCall): string {
  const wasFresh = isFresh;
  try {
    return run(call);
  } catch (cause) {
    if (wasFresh || reasonOf(cause) !== outOfMemory) throw cause;
    start();
    return run(call);
  }
}

parentPort?.on('message', ({ id, question }: ThreadQuestion<ModuleCall>) => {
  try {
    post({ id, answer: runWithAllMemory(question) });
  } catch (cause) {
    // Whatever ended the module, it can't be called again.
    post({ id, fault: reasonOf(cause) });
  }
});
post({ ready: true });
