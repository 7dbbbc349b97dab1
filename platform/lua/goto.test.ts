import { describe, expect, it } from 'vitest';
import { createLuaEngine } from './engine.ts';
import { withoutGotos } from './goto.ts';

const lua = createLuaEngine();
const run = (script: string) => lua.run({ name: 'health.lua', script, globals: {}, openLibs: true });

describe('platform/lua/goto', () => {
  it.each<[string, string, unknown]>([
    [
      'goes on with the next round of a loop',
      'local sum = 0 for i = 1, 5 do if i % 2 == 0 then goto continue end sum = sum + i ::continue:: end return sum',
      9,
    ],
    [
      'goes on from within an inner loop',
      `local seen = {}
       for i = 1, 3 do
         for j = 1, 3 do
           if j == 2 then goto continue end
           table.insert(seen, i * 10 + j)
         end
         table.insert(seen, "never")
         ::continue::
       end
       return seen`,
      [11, 21, 31],
    ],
    [
      'leaves two loops at once',
      `for i = 1, 9 do for j = 1, 9 do if i * j == 42 then goto found end end end
       do return "none" end
       ::found:: return "found"`,
      'found',
    ],
    ['jumps back', 'local n = 0 ::again:: n = n + 1 if n < 4 then goto again end return n', 4],
    [
      'jumps back from within a loop, with fresh locals',
      `local rounds, kept = 0, {}
       ::again::
       local mine = rounds
       table.insert(kept, function() return mine end)
       rounds = rounds + 1
       while true do if rounds < 3 then goto again end break end
       return { kept[1](), kept[2](), kept[3]() }`,
      [0, 1, 2],
    ],
    [
      'keeps a break of the loop around a continue',
      'local n = 0 while true do n = n + 1 if n == 2 then goto continue end if n > 3 then break end ::continue:: end return n',
      4,
    ],
    [
      'keeps a break that stands in a loop within',
      `local log = {}
       for i = 1, 2 do
         for j = 1, 3 do if j == 2 then break end table.insert(log, j) end
         if i == 1 then goto continue end
         table.insert(log, "end")
         ::continue::
       end
       return log`,
      [1, 1, 'end'],
    ],
    [
      'returns from within a stretch',
      'for i = 1, 3 do if i == 1 then goto continue end if i == 2 then return "two" end ::continue:: end return "none"',
      'two',
    ],
    [
      'gives functions labels of their own',
      `local function inner(x) if x then goto out end do return "no" end ::out:: return "yes" end
       local n = 0
       for i = 1, 2 do if i == 1 then goto out end n = n + 1 ::out:: end
       return { inner(true), inner(false), n }`,
      ['yes', 'no', 1],
    ],
    [
      'gives anonymous functions labels of their own',
      'local f = { g = function(l) for _, v in ipairs(l) do if v < 2 then goto c end do return v end ::c:: end end } return f.g({1, 1, 7})',
      7,
    ],
    [
      'knows one name in two loops',
      `local n = 0
       for i = 1, 2 do if i == 2 then goto c end n = n + 1 ::c:: end
       for i = 1, 2 do if i == 1 then goto c end n = n + 10 ::c:: end
       return n`,
      11,
    ],
    [
      'holds several labels of one block',
      `local log = {}
       for i = 1, 3 do
         if i == 1 then goto first end
         if i == 2 then goto second end
         table.insert(log, "both")
         ::first:: table.insert(log, "first")
         ::second:: table.insert(log, "second")
       end
       return log`,
      ['first', 'second', 'second', 'both', 'first', 'second'],
    ],
    [
      'lets the condition of repeat see what was declared before the goto',
      'local n = 0 repeat n = n + 1 local done = n > 2 if n == 1 then goto c end ::c:: until done return n',
      3,
    ],
    [
      'leaves the words alone in texts and comments',
      'local a = "goto x ::y::" -- goto z\nreturn a',
      'goto x ::y::',
    ],
  ])('%s', (_title, script, expected) => {
    expect(run(script)).toEqual({ ok: true, value: expected });
  });

  it('keeps the lines of messages', () => {
    const script = 'for i = 1, 1 do\n  goto\n  c\n  ::c::\nend\nerror("here")';
    expect(run(script)).toMatchObject({ ok: false, message: 'health.lua:6: here' });
  });

  it('leaves scripts without goto, and what is no Lua, as they are', () => {
    expect(withoutGotos('return 1')).toBe('return 1');
    expect(withoutGotos('goto = 1 return goto')).toBe('goto = 1 return goto');
    expect(run('goto nowhere')).toMatchObject({
      ok: false,
      message: expect.stringContaining('health.lua:1:'),
    });
  });

  it('stops an endless jump like any loop', () => {
    expect(run('::again:: goto again')).toMatchObject({ ok: false, limit: 'instructions' });
  });
});
