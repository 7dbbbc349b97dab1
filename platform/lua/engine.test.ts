import { afterAll, describe, expect, it } from 'vitest';
import { createLuaEngine, createLuaQueue, defaultLuaLimits, type LuaOutcome } from './engine.ts';

const engine = createLuaEngine();
const queue = createLuaQueue({ ...defaultLuaLimits, milliseconds: 300 });

afterAll(async () => {
  await Promise.all([engine.close(), queue.close()]);
});

function run(script: string, globals: Record<string, unknown> = {}, openLibs = false): LuaOutcome {
  return engine.run({ name: 'health.lua', script, globals, openLibs });
}

function value(script: string, globals: Record<string, unknown> = {}, openLibs = false): unknown {
  const outcome = run(script, globals, openLibs);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.value;
}

/** Backtracks through 2^30 ways inside one call. */
const endlessPattern =
  'return string.find(string.rep("a", 30), string.rep("a?", 30) .. string.rep("a", 30) .. "b")';

describe('platform/lua/engine', () => {
  describe('values', () => {
    it.each<[string, unknown, unknown]>([
      ['an object', { a: { b: 'x' }, c: true }, { a: { b: 'x' }, c: true }],
      ['a whole number beyond 32 bits', 123_456_789_012, 123_456_789_012],
      ['a fraction', 2.5, 2.5],
      ['a list', ['a', 'b'], ['a', 'b']],
      ['an empty object that came in as one', { emptyDir: {} }, { emptyDir: {} }],
      ['an empty list', { l: [] }, { l: [] }],
      ['null in an object as a missing field', { a: null, b: 1 }, { b: 1 }],
      ['null in a list as nothing', [1, null, 2], [1, 2]],
      ['text beyond ASCII', 'é€😀', 'é€😀'],
      [
        'a field named as in JavaScript',
        JSON.parse('{"__proto__": {"x": 1}}'),
        JSON.parse('{"__proto__": {"x": 1}}'),
      ],
      ['a long text', 'x'.repeat(100_000), 'x'.repeat(100_000)],
    ])('takes %s in and out', (_, obj, expected) => {
      expect(value('return obj', { obj })).toEqual(expected);
    });

    describe('of whole numbers beyond 2^53', () => {
      const big = 9007199254740993n;
      const obj = { spec: { id: big, near: big - 1n, far: [2n ** 63n - 1n] } };

      it('compares what the script sees as floats', () => {
        expect(value('return obj.spec.far[1] > obj.spec.id', { obj })).toBe(true);
      });

      it.each([
        ['where they were', 'obj.on = true return obj', { ...obj, on: true }],
        ['in a list of changes', 'return {{resource = obj}}', [{ resource: obj }]],
        ['at another place', 'return {to = obj.spec.far}', { to: obj.spec.far }],
        ['as the float that was computed', 'return {x = obj.spec.far[1] / 8}', { x: 1152921504606847000n }],
      ])('takes them in and out %s', (_, script, expected) => {
        expect(value(script, { obj })).toStrictEqual(expected);
      });

      it('refuses one that another one looks like, once it is moved', () => {
        expect(run('return {to = obj.spec.id}', { obj })).toMatchObject({
          ok: false,
          message: expect.stringContaining("9007199254740992 at the result.to, which Lua can't tell"),
        });
      });
    });

    it.each([
      ['return nil', undefined],
      ['', undefined],
      ['return {}', []],
      ['return {a = {}}', { a: [] }],
      ['obj.labels.a = nil return obj', { labels: [] }],
    ])('answers %j with %j', (script, expected) => {
      expect(value(script, { obj: { labels: { a: '1' } } })).toEqual(expected);
    });

    it.each([
      ['return {1, a = 2}', 'mixes names and positions at the result'],
      ['return {a = {[1] = 1, [3] = 3}}', 'list with holes at the result.a'],
      ['return {[true] = 1}', 'neither a text nor a number'],
      ['return {f = print}', 'function, thread or userdata at the result.f'],
      ['local t = {} t.t = t return t', 'contains itself'],
      ['return 1/0', 'Infinity at the result'],
    ])('refuses the result of %j', (script, message) => {
      expect(run(script)).toMatchObject({ ok: false, message: expect.stringContaining(message) });
    });
  });

  describe('language', () => {
    it.each([
      ['return {unpack({1, 2, 3})}', [1, 2, 3]],
      ['return 7 / 2', 3.5],
      ['return 6 / 2', 3],
      ['return #obj.list', 3],
      ['setfenv(1, {}) return print == nil', true],
      ['return table.getn({1, 2}) == 2 and table.concat({"a", "b"}, ",")', 'a,b'],
      ['return loadstring("return 1 + 1")()', 2],
      ['local t = setmetatable({}, {__index = function() return "x" end}) return t.any', 'x'],
      ['local ok, message = pcall(error, "no") return message', 'no'],
    ])('evaluates %j as Lua 5.1', (script, expected) => {
      expect(value(script, { obj: { list: [1, 2, 3] } })).toEqual(expected);
    });

    it('names script and line of an error', () => {
      expect(run('local a = 1\nreturn obj.status.phase', { obj: {} })).toEqual({
        ok: false,
        message: "health.lua:2: attempt to index field 'status' (a nil value)",
      });
      expect(run('x y')).toMatchObject({ message: expect.stringMatching(/^health\.lua:1: /) });
      expect(run('error({})')).toMatchObject({
        message: 'health.lua: script raised an error that is not a text',
      });
    });
  });

  describe('libraries', () => {
    const absent = ['os', 'io', 'debug', 'string', 'math', 'coroutine', 'dofile', 'loadfile', 'load'];

    it.each(absent)('has no %s without open libraries', (name) => {
      expect(value(`return _G["${name}"] == nil`)).toBe(true);
    });

    it.each(['io', 'dofile', 'loadfile', 'load', 'newproxy'])('has no %s with open libraries', (name) => {
      expect(value(`return _G["${name}"] == nil and not pcall(require, "${name}")`, {}, true)).toBe(true);
    });

    it('has string, math, coroutine and a clock with open libraries', () => {
      const script = `
        local both = coroutine.wrap(function() coroutine.yield(math.max(1, 2)) end)()
        return {("x"):upper(), both, os.time() > 1.6e9, debug.sethook == nil, string.dump == nil, os.execute == nil}`;
      expect(value(script, {}, true)).toEqual(['X', 2, true, true, true, true]);
    });

    it('gives a clock in UTC through require alone', () => {
      const script = `
        local os = require("os")
        return {
          os.date("!%Y-%m-%dT%H:%M:%SZ", 86400), os.date("%A %d %B, %j", 0), os.date("*t", 3600).hour,
          os.time({year = 2020, month = 1, day = 2, hour = 0}), os.getenv == nil, os.exit == nil,
        }`;
      expect(value(script)).toEqual([
        '1970-01-02T00:00:00Z',
        'Thursday 01 January, 001',
        1,
        Date.UTC(2020, 0, 2) / 1000,
        true,
        true,
      ]);
      expect(run('return require("os").time({year = 2020})')).toMatchObject({
        message: "health.lua: field 'month' missing in date table",
      });
    });

    it('takes numbers written as texts for times, as scripts cut them out of timestamps', () => {
      const script = `
        local os = require("os")
        local year, month, day = "2020", "01", " 02 "
        return { os.time({year = year, month = month, day = day, hour = "0"}), os.date("!%Y", "86400"),
          pcall(os.time, {year = "soon", month = 1, day = 1}) }`;
      expect(value(script)).toEqual([
        Date.UTC(2020, 0, 2) / 1000,
        '1970',
        false,
        "field 'year' missing in date table",
      ]);
    });

    it('loads no binary chunks and no modules', () => {
      expect(value('return (loadstring("\\27Lua"))')).toBeUndefined();
      expect(run('\u001bLuaQ')).toMatchObject({ ok: false });
      expect(run('return require("socket")')).toMatchObject({
        message: expect.stringContaining("module 'socket' not found"),
      });
      expect(value('return package.loadlib == nil and package.path == nil and #package.loaders == 1')).toBe(
        true,
      );
    });

    it('lets print pass without effect', () => {
      expect(value('print("x", obj) return 1', { obj: {} })).toBe(1);
    });

    it('shows a script nothing of the one before', () => {
      value('leak = 1 table.insert = nil getmetatable("").__index = table return 1', {}, true);
      expect(value('return leak == nil and table.insert ~= nil and ("a"):len()', {}, true)).toBe(1);
      value('leak = 1 _G.pairs = nil return 1');
      expect(value('return leak == nil and pairs ~= nil')).toBe(true);
    });
  });

  describe('limits', () => {
    it.each([
      ['an endless loop', 'while true do end', 'instructions'],
      [
        'an endless loop that catches errors',
        'while true do pcall(function() while true do end end) end',
        'instructions',
      ],
      ['an endless coroutine', 'return coroutine.wrap(function() while true do end end)()', 'instructions'],
      ['a table without end', 'local t = {} for i = 1, 1e9 do t[i] = i end', 'memory'],
      ['a text without end', 'local s = "x" while true do s = s .. s end', 'memory'],
      ['one call that makes a huge text', 'return pcall(string.rep, "x", 1e9)', 'memory'],
      [
        'a pattern that uses up the stack',
        'return string.find(string.rep("a", 2e5), string.rep("a-", 1e6) .. "b")',
        'memory',
      ],
      ['a long result', 'return string.rep("x", 5e6)', 'output'],
      ['a result that becomes long as JSON', 'return string.rep("\\1", 3.5e6)', 'output'],
      ['one call that takes too long', endlessPattern, 'time'],
    ])('stops %s', (_, script, limit) => {
      const started = performance.now();
      const outcome = run(script, {}, true);
      expect(outcome).toMatchObject({ ok: false, limit, message: expect.stringMatching(/make /) });
      // On a machine with much else to do a script gets five times its second by the clock.
      expect(performance.now() - started).toBeLessThan(7000);
      expect(value('return obj', { obj: [1] })).toEqual([1]);
    });

    it('stops a script by the clock between instructions', () => {
      const slow = createLuaEngine({ ...defaultLuaLimits, instructions: 1e12, milliseconds: 50 });
      const outcome = slow.run({ name: 'a.lua', script: 'while true do end', globals: {} });
      expect(outcome).toMatchObject({
        limit: 'time',
        message: 'a.lua: stopped after 50 ms; make the script do less',
      });
      return slow.close();
    });

    it('refuses an object that is too large for the way to the script', () => {
      const obj = 'x'.repeat(17 * 1024 * 1024);
      expect(run('return 1', { obj })).toMatchObject({
        ok: false,
        message: 'health.lua: object is too large for a script',
      });
    });

    it('leaves recursion without end to the language', () => {
      expect(run('local function f() return 1 + f() end return f()')).toMatchObject({
        message: expect.stringContaining('stack overflow'),
      });
    });
  });

  it('answers asynchronous callers in their order, also after a script that was cut', async () => {
    const [first, cut, last] = await Promise.all([
      queue.run({ name: 'a', script: 'return 1', globals: {} }),
      queue.run({ name: 'b', script: endlessPattern, globals: {}, openLibs: true }),
      queue.run({ name: 'c', script: 'return 3', globals: {} }),
    ]);
    expect([first, cut, last]).toEqual([
      { ok: true, value: 1 },
      { ok: false, limit: 'time', message: 'b: stopped after 300 ms; make the script do less' },
      { ok: true, value: 3 },
    ]);
  });
});
