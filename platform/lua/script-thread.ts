import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { workerData } from 'node:worker_threads';
import { formatJson, parseJson } from '../../core/object/json/json.ts';
import type { LuaCall, LuaLimits, LuaOutcome } from './call.ts';
import { announceReady, answerRequests, createMailbox } from './mailbox.ts';
import { createScriptRunner } from './run-script.ts';
import { wasm } from './wasm.ts';

/** What a thread gets when it is started. */
export type ThreadInput = { readonly memory: SharedArrayBuffer; readonly limits: LuaLimits };

// The interpreter alone; the package's own JavaScript around it, with files and environment, is not loaded.
const interpreterUrl = import.meta.resolve('wasmoon-lua5.1/dist/liblua5.1.wasm');

const { memory, limits } = workerData as ThreadInput;
const mailbox = createMailbox(memory);
const run = createScriptRunner(new wasm.Module(readFileSync(fileURLToPath(interpreterUrl))), limits);
const tooLong: LuaOutcome = {
  ok: false,
  limit: 'output',
  message: 'result of the script is too long; make the script return less',
};

announceReady(mailbox);
answerRequests(
  mailbox,
  (request) => {
    return formatJson(run(parseJson(request) as LuaCall));
  },
  formatJson(tooLong),
);
