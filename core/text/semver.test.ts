import { describe, expect, it } from 'vitest';
import { highestMatch } from './semver.ts';

const tags = ['0.1.0', 'v1.0.0', 'v1.2.3', '1.2.9', 'v1.10.0', '2.0.0', '2.1.0-rc.1', 'latest', '3'];

describe('core/semver', () => {
  it.each([
    ['*', '3'],
    ['1.x', 'v1.10.0'],
    ['1.2.*', '1.2.9'],
    ['v1.x', 'v1.10.0'],
    ['^1.2', 'v1.10.0'],
    ['^0.1.0', '0.1.0'],
    ['~1.2.3', '1.2.9'],
    ['~1', 'v1.10.0'],
    ['>=1 <2', 'v1.10.0'],
    ['>=1.0.0, <1.3.0', '1.2.9'],
    ['>1.x', '3'],
    ['<=1.2.x', '1.2.9'],
    ['<1.2', 'v1.0.0'],
    ['=>2.0.0 =<2.9', '2.0.0'],
    ['!=3', '2.0.0'],
    ['1.0 - 1.2.3', 'v1.2.3'],
    ['0.x || ^1.2.9', 'v1.10.0'],
    ['>2.0.0-0 <3.0.0-0', '2.1.0-rc.1'],
    ['>2.0.0-0 <2.5', '2.0.0'],
    ['~0.0.0', '3'],
  ])('takes the highest tag that %s admits', (constraint, expected) => {
    expect(highestMatch(constraint, tags)).toBe(expected);
  });

  it.each(['1.2.3', 'v1.2', '3', 'main', 'release-1.x', '', 'feature/1.x', '>=one', '9.x'])(
    'finds nothing for %s, which is a version, a name, or admits no tag',
    (revision) => {
      expect(highestMatch(revision, tags)).toBeUndefined();
    },
  );

  it.each([
    [['1.0.0-alpha', '1.0.0-alpha.1'], '1.0.0-alpha.1'],
    [['1.0.0-alpha.beta', '1.0.0-alpha.1'], '1.0.0-alpha.beta'],
    [['1.0.0-rc.2', '1.0.0-rc.11'], '1.0.0-rc.11'],
    [['1.0.0-rc.11', '1.0.0'], '1.0.0'],
  ])('orders prereleases %j', (names, expected) => {
    expect(highestMatch('>=1.0.0-0', names)).toBe(expected);
  });
});
