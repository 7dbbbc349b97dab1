import type { LuaCall, LuaLimits, LuaOutcome } from './call.ts';
import { createClockLibrary } from './clock-library.ts';
import { exactNumbersOf, UnsureNumber } from './exact-numbers.ts';
import { withoutGotos } from './goto.ts';
import {
  createInterpreter,
  globalsIndex,
  type Interpreter,
  type LuaState,
  luaOk,
  luaTypes,
} from './interpreter.ts';
import { LuaStop } from './stop.ts';
import { createValues, NotJson, type Values } from './value.ts';
import type { WasmModule } from './wasm.ts';

/** Processor time of this thread: a machine that has none to give doesn't make a script slow. */
function threadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Instructions between two looks at the clock and the count. */
const hookInterval = 10_000;
const hookOnCount = 8;
/** A binary chunk starts with this byte; what it holds isn't checked by the interpreter, so none is loaded. */
const binaryChunk = 0x1b;

/** Runs scripts, one after the other; none sees anything of another. */
export type ScriptRunner = (call: LuaCall) => LuaOutcome;

/** A runner; the limit of time holds only between instructions, a long call of one function is the caller's to end. */
export function createScriptRunner(module: WasmModule, limits: LuaLimits): ScriptRunner {
  const sandboxes = new Map<boolean, Sandbox>();
  return (call) => {
    const openLibs = call.openLibs === true;
    const sandbox = sandboxes.get(openLibs) ?? createSandbox(module, limits, openLibs);
    sandboxes.set(openLibs, sandbox);
    try {
      return sandbox.run(call);
    } catch (error) {
      return failure(call, limits, error);
    } finally {
      if (!sandbox.reset()) sandboxes.delete(openLibs);
    }
  };
}

function failure({ name }: LuaCall, limits: LuaLimits, error: unknown): LuaOutcome {
  if (error instanceof LuaStop)
    return { ok: false, limit: error.limit, message: stopText(name, limits, error) };
  if (error instanceof NotJson || error instanceof UnsureNumber)
    return { ok: false, message: `${name}: ${error.message}` };
  // A trap of the interpreter, such as a C stack that is used up by a pattern.
  return {
    ok: false,
    limit: 'memory',
    message: `${name}: interpreter failed (${String(error)}); make the script do less`,
  };
}

const megabyte = 1024 * 1024;

function stopText(name: string, limits: LuaLimits, { limit }: LuaStop): string {
  const reached = {
    time: `${limits.milliseconds} ms`,
    instructions: `${limits.instructions} instructions`,
    memory: `${limits.memoryBytes / megabyte} MiB of memory`,
    output: `${limits.outputBytes / megabyte} MiB of result`,
  };
  // A result is too long however little it took to make.
  const remedy = limit === 'output' ? 'make the script return less' : 'make the script do less';
  return `${name}: stopped after ${reached[limit]}; ${remedy}`;
}

type Sandbox = {
  run(call: LuaCall): LuaOutcome;
  /** Makes it as it was before any run; false when it has grown and is better given up. */
  reset(): boolean;
};

/**
 * One prepared state whose memory is kept as it was before any script: putting it back takes a few microseconds,
 * opening and closing a state takes a hundred, and nothing a script did can be left over.
 */
function createSandbox(module: WasmModule, limits: LuaLimits, openLibs: boolean): Sandbox {
  const interpreter = createInterpreter(module, limits.memoryBytes);
  const values = createValues(interpreter);
  const { lua } = interpreter;
  let left = 0;
  let deadline = 0;
  const hook = interpreter.exposeHook(() => {
    left -= hookInterval;
    if (left < 0) throw new LuaStop('instructions');
    if (threadMilliseconds() > deadline) throw new LuaStop('time');
  });
  const state = lua.luaL_newstate();
  openLibraries(interpreter, values, state, openLibs);
  lua.lua_sethook(state, hook, hookOnCount, hookInterval);
  const pristine = interpreter.snapshot();

  return {
    run(call) {
      left = limits.instructions;
      deadline = threadMilliseconds() + limits.milliseconds;
      for (const [name, value] of Object.entries(call.globals)) {
        values.pushText(state, name);
        values.push(state, value);
        lua.lua_rawset(state, globalsIndex);
      }
      const loaded = loadText(interpreter, state, withoutGotos(call.script), `=${call.name}`);
      if (loaded !== luaOk || lua.lua_pcall(state, 0, 1, 0) !== luaOk) {
        return { ok: false, message: raisedText(interpreter, values, state, call.name) };
      }
      const value = values.read(state, -1, limits.outputBytes, exactNumbersOf(call.globals));
      return value === undefined ? { ok: true } : { ok: true, value };
    },
    reset: () => pristine.restore(),
  };
}

/** Loads a script's text; leaves the function, or the message, on the stack. */
function loadText({ lua, bytes }: Interpreter, state: LuaState, script: string, name: string): number {
  const source = Buffer.from(`${script}\0${name}\0`, 'utf8');
  if (source[0] === binaryChunk) source[0] = 0;
  const address = lua.malloc(source.length);
  if (address === 0) throw new LuaStop('memory');
  bytes().set(source, address);
  const size = Buffer.byteLength(script, 'utf8');
  const result = lua.luaL_loadbuffer(state, address, size, address + size + 1);
  lua.free(address);
  return result;
}

/** What the script raised; a table or nil has no text of its own. */
function raisedText({ lua }: Interpreter, values: Values, state: LuaState, name: string): string {
  const type = lua.lua_type(state, -1);
  if (type !== luaTypes.string && type !== luaTypes.number) {
    return `${name}: script raised an error that is not a text`;
  }
  const text = values.text(state, -1);
  return text.startsWith(`${name}:`) ? text : `${name}: ${text}`;
}

/**
 * Takes from the opened libraries what reaches out of the state or around its limits: files, binary chunks, native
 * modules, hooks. `require` finds what is loaded, and `os` of two functions.
 */
const restriction = `
local all, time, date, loadtext = ...
dofile, loadfile, load, newproxy = nil, nil, nil, nil
loadstring = loadtext
package.loadlib, package.seeall, package.cpath, package.path, package.config = nil, nil, nil, nil, nil
for position = #package.loaders, 2, -1 do package.loaders[position] = nil end
local clock = { time = time, date = date }
package.loaded.os = clock
if all then
  os = clock
  string.dump = nil
  debug = { traceback = debug.traceback }
  package.loaded.debug = debug
else
  coroutine = nil
  package.loaded.coroutine = nil
end
`;

/** Opens libraries in a fresh state. */
function openLibraries(interpreter: Interpreter, values: Values, state: LuaState, openLibs: boolean): void {
  const { lua } = interpreter;
  const clock = createClockLibrary(interpreter, values);
  const loadTextChunk = interpreter.expose((thread) => {
    const text = values.text(thread, 1);
    if (loadText(interpreter, thread, text, `=${text.slice(0, 40).split('\n')[0]}`) === luaOk) return 1;
    lua.lua_pushnil(thread);
    // nil first, then the message, as Lua's own function answers.
    lua.lua_pushvalue(thread, -2);
    return 2;
  });
  const always = [lua.luaopen_base, lua.luaopen_package, lua.luaopen_table];
  const more = [lua.luaopen_string, lua.luaopen_math, lua.luaopen_debug];
  for (const library of openLibs ? [...always, ...more] : always) {
    lua.lua_pushcclosure(state, interpreter.place(library), 0);
    lua.lua_call(state, 0, 0);
  }
  loadText(interpreter, state, restriction, '=restriction');
  lua.lua_pushboolean(state, openLibs ? 1 : 0);
  for (const pointer of [clock.time, clock.date, loadTextChunk]) lua.lua_pushcclosure(state, pointer, 0);
  lua.lua_call(state, 4, 0);
}
