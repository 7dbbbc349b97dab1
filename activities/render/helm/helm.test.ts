import { describe, expect, it } from 'vitest';
import { plainVersion } from './helm.ts';
import { escapeCommas } from './helm-values.ts';

describe('activities/render/helm', () => {
  it.each([
    ['a,b', 'a\\,b'],
    ['a\\,b,c', 'a\\,b\\,c'],
    ['{a,b}', '{a,b}'],
    [',', '\\,'],
    ['plain', 'plain'],
  ])('escapes the commas of %s', (value, expected) => {
    expect(escapeCommas(value)).toBe(expected);
  });

  it.each([
    ['v1.31.2+k3s1', '1.31.2'],
    ['1.30.0-rc.1', '1.30.0'],
    ['v1.29', '1.29'],
    ['1.28+', '1.28'],
    ['', ''],
    ['latest', ''],
  ])('reduces version %j to its numbers', (version, expected) => {
    expect(plainVersion(version)).toBe(expected);
  });
});
