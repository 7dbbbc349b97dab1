import { type Interpreter, type LuaState, luaTypes } from './interpreter.ts';
import { formatTime } from './time-format.ts';
import type { Values } from './value.ts';

/** Pointers of `os.time` and `os.date`, the only functions of `os` that scripts get. Times are in UTC. */
export type ClockLibrary = { readonly time: number; readonly date: number };

const dateFields = ['year', 'month', 'day', 'hour', 'min', 'sec'] as const;

/** The clock functions of one interpreter. */
export function createClockLibrary(interpreter: Interpreter, values: Values): ClockLibrary {
  const { lua } = interpreter;

  const fieldOf = (state: LuaState, name: string, fallback?: number): number => {
    values.pushText(state, name);
    lua.lua_rawget(state, 1);
    // Lua 5.1 takes a text that is a number for one.
    const given = lua.lua_isnumber(state, -1) !== 0;
    const value = given ? lua.lua_tonumber(state, -1) : fallback;
    lua.lua_settop(state, -2);
    if (value !== undefined) return value;
    values.pushText(state, `field '${name}' missing in date table`);
    return lua.lua_error(state);
  };

  const setField = (state: LuaState, name: string, value: number | boolean): void => {
    values.pushText(state, name);
    values.push(state, value);
    lua.lua_rawset(state, -3);
  };

  const time = (state: LuaState): number => {
    if (lua.lua_gettop(state) === 0 || lua.lua_type(state, 1) !== luaTypes.table) {
      lua.lua_pushnumber(state, Math.floor(Date.now() / 1000));
      return 1;
    }
    const [year, month, day] = dateFields.slice(0, 3).map((name) => fieldOf(state, name));
    const [hour, minute, second] = [
      fieldOf(state, 'hour', 12),
      fieldOf(state, 'min', 0),
      fieldOf(state, 'sec', 0),
    ];
    const milliseconds = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
    lua.lua_pushnumber(state, Math.floor(milliseconds / 1000));
    return 1;
  };

  const date = (state: LuaState): number => {
    const count = lua.lua_gettop(state);
    const asked = count >= 1 && lua.lua_type(state, 1) === luaTypes.string ? values.text(state, 1) : '%c';
    const seconds =
      count >= 2 && lua.lua_isnumber(state, 2) !== 0 ? lua.lua_tonumber(state, 2) : Date.now() / 1000;
    const at = new Date(Math.floor(seconds) * 1000);
    const format = asked.startsWith('!') ? asked.slice(1) : asked;
    if (Number.isNaN(at.getTime())) lua.lua_pushnil(state);
    else if (format.startsWith('*t')) pushDate(state, at);
    else values.pushText(state, formatTime(format, at));
    return 1;
  };

  const pushDate = (state: LuaState, at: Date): void => {
    lua.lua_createtable(state, 0, 9);
    const yearStart = Date.UTC(at.getUTCFullYear(), 0, 1);
    const parts = {
      year: at.getUTCFullYear(),
      month: at.getUTCMonth() + 1,
      day: at.getUTCDate(),
      hour: at.getUTCHours(),
      min: at.getUTCMinutes(),
      sec: at.getUTCSeconds(),
      wday: at.getUTCDay() + 1,
      yday: Math.floor((at.getTime() - yearStart) / 86_400_000) + 1,
      isdst: false,
    };
    for (const [name, value] of Object.entries(parts)) setField(state, name, value);
  };

  return { time: interpreter.expose(time), date: interpreter.expose(date) };
}
