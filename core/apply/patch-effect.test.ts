import { describe, expect, it } from 'vitest';
import { hasChanged } from './patch-effect.ts';

describe('core/apply/patch-effect', () => {
  it.each([
    ['a field is set to what it was', { a: { b: 1 } }, { a: { b: 1 } }, { a: { b: 1 } }, false],
    ['a field changes', { a: { b: 2 } }, { a: { b: 1 } }, { a: { b: 2 } }, true],
    ['a field comes', { a: { b: 2 } }, {}, { a: { b: 2 } }, true],
    ['a field goes', { a: null }, { a: 1 }, {}, true],
    ['a field that was not there is removed', { a: null }, {}, {}, false],
    [
      'somebody else wrote another field meanwhile',
      { notes: { mine: '1' } },
      { notes: { mine: '1' } },
      { notes: { mine: '1', revision: '1' }, status: {} },
      false,
    ],
    ['a value is normalised to what it was', { cpu: '1000m' }, { cpu: '1' }, { cpu: '1' }, false],
    ['an element comes', { list: [{ name: 'b' }] }, { list: ['a'] }, { list: ['a', 'b'] }, true],
    [
      'a value leaves a list',
      { '$deleteFromPrimitiveList/list': ['b'] },
      { list: ['a', 'b'] },
      { list: ['a'] },
      true,
    ],
    [
      'a list keeps its values',
      { '$deleteFromPrimitiveList/list': ['b'] },
      { list: ['a'] },
      { list: ['a'] },
      false,
    ],
    [
      'a union loses a member',
      { u: { a: 1, $retainKeys: ['a'] } },
      { u: { a: 1, b: 2 } },
      { u: { a: 1 } },
      true,
    ],
  ])('where %s', (_, patch, before, after, changed) => {
    expect(hasChanged(patch, before, after)).toBe(changed);
  });
});
