import { describe, expect, it } from 'vitest';
import { readUpToEnd } from '../read.ts';

// Each value is kubectl's, of the text as a part of an object where it can be one.
describe('core/yaml/scan/scanner', () => {
  it.each<[string, string, unknown]>([
    ['has a list at the column of its key', 'x:\n- a\n- b\nw: 1', { x: ['a', 'b'], w: 1 }],
    ['has a map in a list in a line', '- a: 1\n  b: 2\n- - c', [{ a: 1, b: 2 }, ['c']]],
    ['has an empty entry before the next key', 'x:\n-\nz: 1', { x: [null], z: 1 }],
    ['has empty entries', 'x:\n-\n- a\n-', { x: [null, 'a', null] }],
    ['ends all blocks that are deeper', 'a:\n  b:\n    c: 1\nd: 1', { a: { b: { c: 1 } }, d: 1 }],
    ['has keys with question marks', '? a\n: 1\n? b\nc: 2', { a: 1, b: null, c: 2 }],
    ['has a list as the value of such a key', '? a\n: - b\n  - c', { a: ['b', 'c'] }],
    ['has a key without a value', 'a:\nb:', { a: null, b: null }],
    ['has an anchor before a key', '&a b: 1\nc: *a', { b: 1, c: 'b' }],
    ['has a tag before a key', '!!str 1: a', { 1: 'a' }],
    ['takes a key of 1,024 characters', `x: {${'k'.repeat(1024)}: 1}`, { x: { ['k'.repeat(1024)]: 1 } }],
    ['counts characters of two units once', `${'😀'.repeat(1024)}: 1`, { ['😀'.repeat(1024)]: 1 }],
    ['takes a longer key with a question mark', `? ${'k'.repeat(2000)}\n: 1`, { ['k'.repeat(2000)]: 1 }],
    ['has a comma at the end in brackets', 'x: [a, {b: c,},]', { x: ['a', { b: 'c' }] }],
    ['has pairs in brackets', 'x: [a: 1, b: 2]', { x: [{ a: 1 }, { b: 2 }] }],
    ['has keys alone in brackets', 'x: {a, b: 1, c: }', { x: { a: null, b: 1, c: null } }],
    ['has a question mark in brackets', 'x: [? a : 1, {? b}]', { x: [{ a: 1 }, { b: null }] }],
    ['has tabs between values', 'x:\ta\nw: [\tb,\t\tc\t]', { x: 'a', w: ['b', 'c'] }],
    ['has tabs before values in brackets', 'x: [\n\ta,\n\tb\n]', { x: ['a', 'b'] }],
    ['has comments anywhere', '# c\nx: # d\n  # e\n  a # f\n# g\n', { x: 'a' }],
    [
      'has breaks of all kinds',
      'a: 1\rb: 2\r\nc: 3\u0085d: 4\u2028e: 5\u2029f: 6',
      { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 },
    ],
    ['forgets the colon behind empty brackets', '[]: 1', []],
    ['has JSON', '{"a":1,"b":[true,null]}', { a: 1, b: [true, null] }],
    ['ends at the end of the document', 'a: 1\n...\nb: 1', { a: 1 }],
    ['has a percent sign within a line', 'a: b%\nc: 1', { a: 'b%', c: 1 }],
  ])('%s', (_rule, text, value) => {
    expect(readUpToEnd(text, 'own').value).toEqual(value);
  });

  it.each<[string, string, RegExp]>([
    ['a key of more than 1,024 characters', `${'k'.repeat(1025)}: 1`, /a second ": "/],
    ['a key of more than 1,024 wide characters', `${'😀'.repeat(1025)}: 1`, /a second ": "/],
    ['a key on two lines', 'a\nb: 1', /a second ": "/],
    ['a tab before a key', 'a: 1\n\tb: 1', /a tab is used/],
    ['a list in the line of a key', 'a: - b', /a "-" stands where/],
    ['a question mark in the line of a key', 'a: ? b', /a "\?" stands where/],
    ['a second colon in a line', 'a: b: c', /a second ": "/],
    ['a key without a colon', 'a: 1\nb\nc: 1', /a key has no colon/],
    ['a line that fits no block', 'a:\n    b: 1\n  c: 1', /the indentation does not fit/],
    ['a value that starts with a character of no value', 'x: @a', /none can start with/],
    ['a value that starts with a percent sign', 'x: %a', /none can start with/],
    ['a block in brackets', 'x: [|\n a\n]', /none can start with/],
    ['brackets of two kinds', 'x: [a}', /a comma or closing bracket/],
    ['two commas', 'x: [a,,b]', /a comma stands where/],
    ['a bracket that nobody opened', 'x: ]', /a closing bracket stands where/],
    ['a colon without a key in brackets', 'x: {: a}', /a colon has no key/],
    ['brackets that wait for a colon at the end', '[a', /a comma or closing bracket/],
    ['open brackets at the end', 'x: [a', /a comma or closing bracket/],
    ['501 brackets', `${'['.repeat(501)}${']'.repeat(501)}`, /nested too deeply/],
  ])('refuses %s', (_rule, text, problem) => {
    expect(() => readUpToEnd(text, 'own')).toThrow(problem);
  });
});
