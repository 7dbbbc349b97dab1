import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration, readDuration } from './duration.ts';

describe('core/duration', () => {
  it.each([
    ['5s', 5],
    ['3m', 180],
    ['1h30m', 5400],
    ['1.5h', 5400],
    ['.5s', 0.5],
    ['250ms', 0.25],
    ['-2m', -120],
    ['10', 10],
    ['0', 0],
  ])('reads %s as %d seconds', (text, seconds) => {
    expect(readDuration(text)).toBeCloseTo(seconds, 9);
  });

  it.each([
    '',
    's',
    '5x',
    '1d',
    '5 s',
    '1.5',
    '--5s',
    '5s ',
    'abc',
    '.s',
    '.',
    '99999999999999h',
    '9999999999999',
  ])('refuses "%s"', (text) => {
    expect(readDuration(text)).toBeUndefined();
  });

  it('names the text and the remedy when a duration cannot be parsed', () => {
    expect(() => parseDuration('soon')).toThrow(/"soon" cannot be read; write .*5s/);
  });

  it.each([
    [0, '0s'],
    [5, '5s'],
    [90, '1m30s'],
    [3600, '1h'],
    [5400.5, '1h30m0.5s'],
    [-60, '-1m'],
  ])('formats %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
    expect(readDuration(text)).toBe(seconds);
  });
});
