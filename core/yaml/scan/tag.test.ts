import { describe, expect, it } from 'vitest';
import { readUpToEnd } from '../read.ts';

// Each value is kubectl's, of the text as a part of an object where it can be one.
describe('core/yaml/scan/tag', () => {
  it.each<[string, string, unknown]>([
    ['keeps a number as a text', 'x: !!str 5', { x: '5' }],
    ['makes a number of a text in quotes', 'x: !!int "5"', { x: 5 }],
    ['reads a whole tag in angle brackets', 'x: !<tag:yaml.org,2002:str> 5', { x: '5' }],
    ['reads escapes in it', 'x: !<tag:yaml.org,2002:%73tr> 5', { x: '5' }],
    ['takes ! alone for a text', 'x: ! 5', { x: '5' }],
    ['takes a tag of its own for a text', 'x: !a 5', { x: '5' }],
    ['takes an unknown one for a text', 'x: !!a 5', { x: '5' }],
    [
      'stands before an anchor or behind it',
      'x: !!str &a 5\nw: &b !!str 6\nz: [*a, *b]',
      { x: '5', w: '6', z: ['5', '6'] },
    ],
    ['declares a handle', '%TAG !a! tag:yaml.org,2002:\n---\nx: !a!str 5', { x: '5' }],
    ['declares another meaning of !!', '%TAG !! tag:a:\n---\nx: !!int a', { x: 'a' }],
    [
      'forgets a prefix of 100 characters in nothing',
      `%TAG !a! ${'a'.repeat(100)}\n---\nx: !a!str 5`,
      { x: '5' },
    ],
    ['reads the version', '%YAML 1.1 # c\n---\nx: 1', { x: 1 }],
    ['reads a version with zeros', '%YAML 01.01\n---\nx: 1', { x: 1 }],
    ['has digits, letters, - and _ in the name of an anchor', 'x: &a-_1Z 5\nw: *a-_1Z', { x: 5, w: 5 }],
    ['ends a name at a colon before a blank', 'x: &a b\nw: {*a : 1}', { x: 'b', w: { b: 1 } }],
    ['ends a name at a bracket', 'x: &a 1\nw: [*a]', { x: 1, w: [1] }],
    ['takes the last anchor of a name', 'x: &a 1\nw: &a 2\nz: *a', { x: 1, w: 2, z: 2 }],
  ])('%s', (_rule, text, value) => {
    expect(readUpToEnd(text, 'own').value).toEqual(value);
  });

  it.each<[string, string, RegExp]>([
    ['a tag without its end', 'x: !<a b', /a tag is not written well/],
    ['an escape that is cut off', 'x: !a%4 b', /a tag is not written well/],
    ['bytes that are no character', 'x: !a%ff b', /a tag is not written well/],
    ['a handle without a suffix', 'x: !! 5', /a tag is not written well/],
    ['a character that no tag has', 'x: !a{b 5', /a tag is not written well/],
    ['a handle that nobody declares', 'x: !a!b 5', /a handle that is not declared/],
    ['a handle that is declared twice', '%TAG !a! b\n%TAG !a! c\n---\nx: 1', /a directive/],
    ['a handle that has no end', '%TAG !a b\n---\nx: 1', /a directive/],
    ['two versions', '%YAML 1.1\n%YAML 1.1\n---\nx: 1', /a directive/],
    ['another version', '%YAML 1.3\n---\nx: 1', /a directive/],
    ['an unknown directive', '%A b\n---\nx: 1', /a directive/],
    ['a directive without a document', '%YAML 1.1\nx: 1', /is not followed by ---/],
    ['an anchor without a name', 'x: & 1', /has no name/],
    ['an alias with a dot', 'x: &a 1\nw: *a.b', /other characters/],
  ])('refuses %s', (_rule, text, problem) => {
    expect(() => readUpToEnd(text, 'own')).toThrow(problem);
  });
});
