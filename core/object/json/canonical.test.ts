import { describe, expect, it } from 'vitest';
import { canonicalJson, sameJson } from './canonical.ts';

describe('core/object/canonical', () => {
  it('orders keys at every depth and keeps the order of lists', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }, 3], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1},3]}');
  });

  it('leaves out undefined fields as JSON does', () => {
    expect(canonicalJson({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
    expect(canonicalJson(undefined)).toBe('null');
  });

  it('calls values the same whatever the order of their keys', () => {
    expect(sameJson({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true);
    expect(sameJson([1, 2], [2, 1])).toBe(false);
    expect(sameJson({ a: '1' }, { a: 1 })).toBe(false);
  });

  it('keeps numbers apart that one float stands for', () => {
    expect(canonicalJson({ a: [2n ** 53n + 1n, 2 ** 69, 1e21] })).toBe(
      '{"a":[9007199254740993,590295810358705700000,1e+21]}',
    );
    expect(sameJson({ a: 2n ** 53n }, { a: 2n ** 53n + 1n })).toBe(false);
  });
});
