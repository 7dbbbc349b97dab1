import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deletePaths, findPointer, type Path, readPath } from './paths.ts';

const value = { a: { 'b/c': 1, 'd~e': 2 }, list: [{ name: 'x' }, { name: 'y' }], empty: {} };

describe('core/diff/paths', () => {
  it.each<[string, Path | undefined]>([
    ['/a/b~1c', ['a', 'b/c']],
    ['/a/d~0e', ['a', 'd~e']],
    ['/list/1/name', ['list', 1, 'name']],
    ['/list/2', undefined],
    ['/list/01', undefined],
    ['/list/-', undefined],
    ['/a/missing', undefined],
    ['/constructor', undefined],
    ['a', undefined],
    ['', undefined],
  ])('finds %s', (pointer, path) => {
    expect(findPointer(value, pointer)).toEqual(path);
  });

  it('removes several elements of a list by their positions of before', () => {
    const paths = [
      ['list', 0],
      ['list', 1, 'name'],
      ['a', 'b/c'],
      ['no', 'such'],
    ];
    expect(deletePaths(value, paths)).toEqual({ a: { 'd~e': 2 }, list: [{}], empty: {} });
    expect(value.list).toHaveLength(2);
  });

  it('removes what stands at the paths and nothing else', () => {
    const fields = fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.oneof(fc.integer(), fc.dictionary(fc.constantFrom('x', 'y'), fc.integer())),
    );
    fc.assert(
      fc.property(fields, fc.array(fc.constantFrom<Path>(['a'], ['b', 'x'], ['c', 'y'])), (object, paths) => {
        const present = paths.filter((path) => readPath(object, path) !== undefined);
        const stripped = deletePaths(object, present);
        for (const path of present) expect(readPath(stripped, path)).toBeUndefined();
        for (const [name, child] of Object.entries(object)) {
          if (!present.some(([first]) => first === name)) expect(readPath(stripped, [name])).toEqual(child);
        }
      }),
    );
  });
});
