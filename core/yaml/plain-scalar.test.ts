import { describe, expect, it } from 'vitest';
import { resolvePlainScalar } from './plain-scalar.ts';

describe('core/yaml/plain-scalar', () => {
  // Each row was read back from `kubectl patch --local -o json` 1.32.
  it.each<[string, unknown]>([
    ['y', true],
    ['yes', true],
    ['On', true],
    ['off', false],
    ['NO', false],
    ['yEs', 'yEs'],
    ['0777', 511],
    ['0o777', 511],
    ['0o8', '0o8'],
    ['089', 89],
    ['08.5', 8.5],
    ['0_7', 7],
    ['00', 0],
    ['-0', 0],
    ['0x1F', 31],
    ['-0x10', -16],
    ['0X1f', 31],
    ['-0b11', -3],
    ['0b12', '0b12'],
    ['1_000', 1000],
    ['_1', '_1'],
    ['+12', 12],
    ['1e3', 1000],
    ['12e03', 12000],
    ['1.', 1],
    ['.5', 0.5],
    ['+.5', 0.5],
    ['-.5e3', -500],
    ['.e5', '.e5'],
    ['1e400', '1e400'],
    ['1:30', '1:30'],
    ['2001-01-01', '2001-01-01'],
    ['2001-01-01T00:00:00Z', '2001-01-01T00:00:00Z'],
    ['~', null],
    ['Null', null],
    ['', null],
    ['18446744073709551615', 2 ** 64],
    ['28446744073709551615', Number('28446744073709551615')],
    ['v1', 'v1'],
    ['1.2.3', '1.2.3'],
    ['-', '-'],
  ])('reads %s as kubectl does', (text, value) => {
    expect(resolvePlainScalar(text)).toEqual(value);
  });
});
