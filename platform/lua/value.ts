import { isNumber, type JsonNumber } from '../../core/object/json/json.ts';
import type { ExactNumbers } from './exact-numbers.ts';
import { type Interpreter, type LuaState, luaTypes, registryIndex } from './interpreter.ts';
import { LuaStop } from './stop.ts';

/** Deeper than any object of Kubernetes; a table that contains itself ends here. */
const maxDepth = 128;

/** A result that can't be JSON; the message says what and where. */
export class NotJson extends Error {}

/** Moves JSON values into a Lua state and back. */
export type Values = {
  /** Pushes a JSON value: null as nil, lists from 1 on. */
  push(state: LuaState, value: unknown): void;
  pushText(state: LuaState, text: string): void;
  /** The value at an index as JSON; a table that has nothing in it is a list, unless it came in as an object. */
  read(state: LuaState, index: number, outputBytes: number, exact: ExactNumbers): unknown;
  text(state: LuaState, index: number): string;
};

/** Texts up to this length take the way through a buffer that is there already. */
const scratchBytes = 4096;
const slotsPerLevel = 4;

/** Values of one interpreter. */
export function createValues(interpreter: Interpreter): Values {
  const { lua } = interpreter;
  const scratch = lua.malloc(scratchBytes);

  const pushText = (state: LuaState, text: string): void => {
    // A character of UTF-16 takes at most three bytes.
    if (text.length * 3 <= scratchBytes) {
      lua.lua_pushlstring(state, scratch, interpreter.bytes().write(text, scratch, 'utf8'));
      return;
    }
    const size = Buffer.byteLength(text, 'utf8');
    const address = lua.malloc(size);
    if (address === 0) throw new LuaStop('memory');
    interpreter.bytes().write(text, address, 'utf8');
    lua.lua_pushlstring(state, address, size);
    lua.free(address);
  };

  const pushList = (state: LuaState, list: readonly unknown[], depth: number): void => {
    lua.lua_createtable(state, list.length, 0);
    let position = 0;
    for (const child of list) {
      // Later elements move up, as in the reference: a hole would make the list's length unsure.
      if (child === null || child === undefined) continue;
      position++;
      push(state, child, depth);
      lua.lua_rawseti(state, -2, position);
    }
  };

  const pushFields = (state: LuaState, fields: object, depth: number): void => {
    const entries = Object.entries(fields);
    lua.lua_createtable(state, 0, entries.length);
    for (const [name, child] of entries) {
      if (child === null || child === undefined) continue;
      pushText(state, name);
      push(state, child, depth);
      lua.lua_rawset(state, -3);
    }
    if (entries.length > 0) return;
    pushObjectMark(state);
    lua.lua_setmetatable(state, -2);
  };

  /** One empty table of the registry: as the metatable of another it says "came in as an object". */
  const pushObjectMark = (state: LuaState): void => {
    pushText(state, 'object');
    lua.lua_rawget(state, registryIndex);
    if (lua.lua_type(state, -1) === luaTypes.table) return;
    lua.lua_settop(state, -2);
    lua.lua_createtable(state, 0, 0);
    pushText(state, 'object');
    lua.lua_pushvalue(state, -2);
    lua.lua_rawset(state, registryIndex);
  };

  const pushTable = (state: LuaState, value: object, depth: number): void => {
    if (depth > maxDepth) throw new NotJson(`input is nested deeper than ${maxDepth} levels`);
    if (lua.lua_checkstack(state, slotsPerLevel) === 0) throw new LuaStop('memory');
    if (Array.isArray(value)) pushList(state, value, depth);
    else pushFields(state, value, depth);
  };

  const push = (state: LuaState, value: unknown, depth: number): void => {
    if (typeof value === 'string') pushText(state, value);
    else if (isNumber(value)) lua.lua_pushnumber(state, Number(value));
    else if (typeof value === 'boolean') lua.lua_pushboolean(state, value ? 1 : 0);
    else if (typeof value !== 'object' || value === null) lua.lua_pushnil(state);
    else pushTable(state, value, depth + 1);
  };

  const text = (state: LuaState, index: number): string => {
    const lengthAt = scratch;
    const address = lua.lua_tolstring(state, index, lengthAt);
    if (address === 0) return '';
    const bytes = interpreter.bytes();
    return bytes.toString('utf8', address, address + bytes.readUInt32LE(lengthAt));
  };

  return {
    push: (state, value) => push(state, value, 0),
    pushText,
    text,
    read: (state, index, outputBytes, exact) =>
      createReader(interpreter, text, { outputBytes, exact }, pushObjectMark)(state, index),
  };
}

type TableContent = { readonly fields: Map<string, unknown>; readonly list: unknown[]; positions: number };

function createReader(
  { lua }: Interpreter,
  text: Values['text'],
  { outputBytes, exact }: { readonly outputBytes: number; readonly exact: ExactNumbers },
  pushObjectMark: (state: LuaState) => void,
) {
  let budget = outputBytes;
  const spend = (bytes: number): void => {
    budget -= bytes;
    if (budget < 0) throw new LuaStop('output');
  };

  const readNumber = (state: LuaState, at: string): JsonNumber => {
    const value = lua.lua_tonumber(state, -1);
    if (!Number.isFinite(value)) throw new NotJson(`result has ${value} at ${at}, which JSON can't express`);
    spend(8);
    return exact(value, at);
  };

  const isMarked = (state: LuaState): boolean => {
    if (lua.lua_getmetatable(state, -1) === 0) return false;
    pushObjectMark(state);
    const same = lua.lua_rawequal(state, -1, -2) !== 0;
    lua.lua_settop(state, -3);
    return same;
  };

  /** The table on top of the stack. */
  const readTable = (state: LuaState, at: string, depth: number): unknown => {
    if (depth > maxDepth || lua.lua_checkstack(state, slotsPerLevel) === 0) {
      throw new NotJson(
        `result has a table that contains itself, or is nested deeper than ${maxDepth} levels`,
      );
    }
    const found: TableContent = { fields: new Map(), list: [], positions: 0 };
    lua.lua_pushnil(state);
    while (lua.lua_next(state, -2) !== 0) {
      readEntry(state, found, at, depth);
      lua.lua_settop(state, -2);
    }
    const { fields, list, positions } = found;
    if (fields.size > 0 && positions > 0) throw new NotJson(`result mixes names and positions at ${at}`);
    if (list.length !== positions) throw new NotJson(`result has a list with holes at ${at}`);
    const named = fields.size > 0 || (positions === 0 && isMarked(state));
    return named ? Object.fromEntries(fields) : list;
  };

  /** The key and the value on top of the stack. */
  const readEntry = (state: LuaState, found: TableContent, at: string, depth: number): void => {
    const keyType = lua.lua_type(state, -2);
    if (keyType === luaTypes.string) {
      const name = text(state, -2);
      spend(name.length + 3);
      found.fields.set(name, readTop(state, `${at}.${name}`, depth));
    } else if (keyType === luaTypes.number) {
      const position = lua.lua_tonumber(state, -2);
      found.list[readPosition(position, at) - 1] = readTop(state, `${at}[${position}]`, depth);
      found.positions++;
    } else throw new NotJson(`result has a key at ${at} that is neither a text nor a number`);
  };

  const readPosition = (position: number, at: string): number => {
    if (Number.isInteger(position) && position >= 1 && position <= outputBytes) return position;
    throw new NotJson(`result has the position ${position} at ${at}; lists count from 1`);
  };

  const readTop = (state: LuaState, at: string, depth: number): unknown => {
    const type = lua.lua_type(state, -1);
    spend(1);
    switch (type) {
      case luaTypes.nil:
        return undefined;
      case luaTypes.boolean:
        return lua.lua_toboolean(state, -1) !== 0;
      case luaTypes.number:
        return readNumber(state, at);
      case luaTypes.string: {
        const value = text(state, -1);
        spend(value.length + 2);
        return value;
      }
      case luaTypes.table:
        return readTable(state, at, depth + 1);
      default:
        throw new NotJson(`result has a function, thread or userdata at ${at}, which JSON can't express`);
    }
  };

  return (state: LuaState, index: number): unknown => {
    lua.lua_pushvalue(state, index);
    const value = readTop(state, 'the result', 0);
    lua.lua_settop(state, -2);
    return value;
  };
}
