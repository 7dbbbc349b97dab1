import { ownField, setField } from '../../core/own-field.ts';
import { LuaStop } from './stop.ts';
import { compileFunction, type WasmFunction, type WasmInstance, type WasmModule, wasm } from './wasm.ts';

/** A state of the interpreter, as an address in its memory. */
export type LuaState = number;

type Call<Arguments extends readonly number[] = readonly number[]> = (...values: Arguments) => number;
type L = LuaState;

/** The functions of Lua's C interface that Keelson uses, as the module exports them. */
type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly __indirect_function_table: {
    readonly length: number;
    get(index: number): (...values: number[]) => number;
    set(index: number, value: WasmFunction): void;
    grow(by: number): number;
  };
  readonly malloc: Call<[bytes: number]>;
  readonly free: Call<[address: number]>;
  readonly stackSave: Call<[]>;
  readonly stackRestore: Call<[pointer: number]>;
  readonly setThrew: Call<[threw: number, value: number]>;
  readonly emscripten_stack_init: Call<[]>;
  readonly emscripten_stack_get_base: Call<[]>;
  readonly emscripten_stack_get_end: Call<[]>;
  readonly __wasm_call_ctors: Call<[]>;
  readonly luaL_newstate: Call<[]>;
  readonly luaopen_base: WasmFunction;
  readonly luaopen_package: WasmFunction;
  readonly luaopen_table: WasmFunction;
  readonly luaopen_string: WasmFunction;
  readonly luaopen_math: WasmFunction;
  readonly luaopen_debug: WasmFunction;
  readonly luaL_loadbuffer: Call<[L, buffer: number, size: number, name: number]>;
  readonly lua_call: Call<[L, argumentCount: number, results: number]>;
  readonly lua_pcall: Call<[L, argumentCount: number, results: number, handler: number]>;
  readonly lua_error: Call<[L]>;
  readonly lua_sethook: Call<[L, hook: number, mask: number, count: number]>;
  readonly lua_gettop: Call<[L]>;
  readonly lua_settop: Call<[L, index: number]>;
  readonly lua_checkstack: Call<[L, slots: number]>;
  readonly lua_pushvalue: Call<[L, index: number]>;
  readonly lua_type: Call<[L, index: number]>;
  readonly lua_typename: Call<[L, type: number]>;
  readonly lua_toboolean: Call<[L, index: number]>;
  readonly lua_isnumber: Call<[L, index: number]>;
  readonly lua_tonumber: Call<[L, index: number]>;
  readonly lua_tolstring: Call<[L, index: number, lengthAt: number]>;
  readonly lua_objlen: Call<[L, index: number]>;
  readonly lua_next: Call<[L, index: number]>;
  readonly lua_pushnil: Call<[L]>;
  readonly lua_pushboolean: Call<[L, value: number]>;
  readonly lua_pushnumber: Call<[L, value: number]>;
  readonly lua_pushlstring: Call<[L, address: number, length: number]>;
  readonly lua_pushcclosure: Call<[L, pointer: number, upvalues: number]>;
  readonly lua_createtable: Call<[L, list: number, fields: number]>;
  readonly lua_rawset: Call<[L, index: number]>;
  readonly lua_rawget: Call<[L, index: number]>;
  readonly lua_rawseti: Call<[L, index: number, position: number]>;
  readonly lua_rawequal: Call<[L, first: number, second: number]>;
  readonly lua_getmetatable: Call<[L, index: number]>;
  readonly lua_setmetatable: Call<[L, index: number]>;
};

/** Lua 5.1 with nothing around it: its module gets no files, no environment and no clock to import. */
export type Interpreter = {
  readonly lua: Exports;
  /** The interpreter's memory; anew after each call that may allocate, as growing replaces the buffer. */
  bytes(): Buffer;
  /** Gives an exported function a pointer. */
  place(exported: WasmFunction): number;
  /** Makes a function callable from Lua; answers its pointer. */
  expose(body: (state: LuaState) => number): number;
  /** Makes a function callable as a hook. */
  exposeHook(body: (state: LuaState) => void): number;
  /** Keeps the memory's content as it is now; only for an interpreter that has just been made. */
  snapshot(): Snapshot;
};

/** A content of an interpreter's memory. */
export type Snapshot = {
  /** Puts the content back, whatever happened since; false when the memory has grown, which can't be undone. */
  restore(): boolean;
};

/** `lua_pcall` and `luaL_loadbuffer` answer this for success. */
export const luaOk = 0;
/** Pseudo-indices and types of lua.h. */
export const registryIndex = -10000;
export const globalsIndex = -10002;
export const luaTypes = { nil: 0, boolean: 1, number: 3, string: 4, table: 5 } as const;

const pageBytes = 64 * 1024;

/** A fresh interpreter (half a millisecond) that stops with `memory` when it would grow beyond the limit. */
export function createInterpreter(module: WasmModule, maxMemoryBytes: number): Interpreter {
  let lua: Exports;
  const instance: WasmInstance = new wasm.Instance(module, {
    ...refused(module),
    env: {
      ...refused(module)['env'],
      invoke_vii: (index: number, first: number, second: number) => {
        const pointer = lua.stackSave();
        try {
          lua.__indirect_function_table.get(index)(first, second);
        } catch (error) {
          // A number is the interpreter's own long jump; a stop of ours goes through every pcall of the script.
          if (typeof error !== 'number') throw error;
          lua.stackRestore(pointer);
          lua.setThrew(1, 0);
        }
      },
      _emscripten_throw_longjmp: () => {
        throw Number.POSITIVE_INFINITY;
      },
      emscripten_memcpy_js: (target: number, from: number, length: number) => {
        new Uint8Array(lua.memory.buffer).copyWithin(target, from, from + length);
      },
      emscripten_resize_heap: (wanted: number) => {
        const current = lua.memory.buffer.byteLength;
        if (wanted >>> 0 > maxMemoryBytes) throw new LuaStop('memory');
        const generous = Math.min(maxMemoryBytes, Math.max(wanted >>> 0, current * 1.25));
        lua.memory.grow(Math.ceil((generous - current) / pageBytes));
        return 1;
      },
      exit: () => {
        throw new LuaStop('memory');
      },
    },
    wasi_snapshot_preview1: {
      ...refused(module)['wasi_snapshot_preview1'],
      // `print` goes nowhere, but it must not fail.
      fd_write: swallow(() => new DataView(lua.memory.buffer)),
      environ_sizes_get: (count: number, size: number) => {
        const view = new DataView(lua.memory.buffer);
        view.setUint32(count, 0, true);
        view.setUint32(size, 0, true);
        return 0;
      },
      environ_get: () => 0,
    },
  });
  // The exports of a module that the lockfile pins; tests call every one of them.
  lua = instance.exports as unknown as Exports;
  lua.emscripten_stack_init();
  lua.__wasm_call_ctors();
  return surface(lua);
}

function surface(lua: Exports): Interpreter {
  let buffer = Buffer.from(lua.memory.buffer);
  const register = (compiled: WasmFunction): number => {
    const pointer = lua.__indirect_function_table.grow(1);
    lua.__indirect_function_table.set(pointer, compiled);
    return pointer;
  };
  return {
    lua,
    bytes() {
      if (buffer.buffer !== lua.memory.buffer) buffer = Buffer.from(lua.memory.buffer);
      return buffer;
    },
    place: register,
    expose: (body) => register(compileFunction(body, 1, true)),
    exposeHook: (body) => register(compileFunction(body, 2, false)),
    snapshot: () => takeSnapshot(lua),
  };
}

function takeSnapshot(lua: Exports): Snapshot {
  const size = lua.memory.buffer.byteLength;
  const stackPointer = lua.stackSave();
  const memory = new Uint8Array(lua.memory.buffer);
  // From 0 on: static memory, 4 MiB of C stack, whose content means nothing between calls, and the heap. The last
  // number in use may end in zero bytes, therefore some more than what isn't zero.
  const heap = lua.emscripten_stack_get_base();
  const used = memory.subarray(heap, heap + searchedBytes).findLastIndex((byte) => byte !== 0);
  const staticPart = memory.slice(0, lua.emscripten_stack_get_end());
  const heapPart = memory.slice(heap, heap + used + spareBytes);
  return {
    restore() {
      if (lua.memory.buffer.byteLength !== size) return false;
      lua.stackRestore(stackPointer);
      memory.set(staticPart);
      memory.set(heapPart, heap);
      return true;
    },
  };
}

/** A prepared state takes 40 kB. */
const searchedBytes = 512 * 1024;
const spareBytes = 64;

type Imports = Record<string, Record<string, (...values: number[]) => number | undefined>>;

/** Everything the module would like to import, refusing; what a script can reach of it answers "no such thing". */
function refused(module: WasmModule): Imports {
  const imports: Imports = {};
  for (const wanted of wasm.Module.imports(module)) {
    const group = ownField(imports, wanted.module) ?? {};
    setField(imports, wanted.module, group);
    setField(group, wanted.name, () => noSuchEntry);
  }
  return imports;
}

/** ENOENT, negative as system calls answer it. */
const noSuchEntry = -44;

/** Accepts everything that is written to a file descriptor, and drops it. */
function swallow(memory: () => DataView) {
  return (_descriptor: number, vectors: number, count: number, writtenAt: number): number => {
    const view = memory();
    let written = 0;
    // Each vector is an address and a length.
    for (let index = 0; index < count; index++) written += view.getUint32(vectors + index * 8 + 4, true);
    view.setUint32(writtenAt, written, true);
    return 0;
  };
}
