import { describe, expect, it } from 'vitest';
import { isWithin, readVersion } from './version.ts';

describe('local/version', () => {
  it.each([
    ['v1.35.4', [1, 35, 4]],
    ['go1.26', [1, 26, 0]],
    ['3.22.0-rc.1', [3, 22, 0]],
    ['dev', undefined],
  ])('reads %s', (text, expected) => {
    expect(readVersion(text)).toEqual(expected);
  });

  it.each([
    ['1.33.0', '>=1.33.0 <1.37.0', true],
    ['1.36.99', '>=1.33.0 <1.37.0', true],
    ['1.37.0', '>=1.33.0 <1.37.0', false],
    ['1.9.9', '>=1.10.0', false],
    ['2.0.0', '>=1.10.0', true],
    ['unknown', '>=0.0.0', false],
  ])('decides whether %s is within %s', (version, range, expected) => {
    expect(isWithin(version, range)).toBe(expected);
  });

  it('refuses a bound that it does not understand', () => {
    expect(() => isWithin('1.0.0', '^1.0.0')).toThrow('version bound ^1.0.0 must look like');
  });
});
