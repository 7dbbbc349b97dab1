import { describe, expect, it } from 'vitest';
import { readDocument } from '../../yaml/read.ts';
import { sameJson } from './canonical.ts';
import { formatJson, formatYamlJson, isNumber, parseJson, readNumber, wholeNumber } from './json.ts';

describe('a number of a JSON text', () => {
  it.each([
    ['0', 0],
    ['-0', 0],
    ['1.0', 1],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9223372036854775808', 2 ** 63],
    ['18446744073709551615', 2 ** 64],
    ['9007199254740993.0', 9007199254740992n],
    ['1152921504606846976', 1152921504606846976n],
    ['1152921504606846976.0', 1152921504606847000n],
    ['1e18', 1000000000000000000n],
    ['90071992547409.93e2', 9007199254740992n],
    ['1e19', 1e19],
    ['1e21', 1e21],
    ['1.5e-7', 1.5e-7],
    ['0.12345678901234567890', 0.12345678901234568],
  ])('%s is %s, alone and in a document', (text, value) => {
    expect(readNumber(text) === value).toBe(true);
    expect(parseJson(text) === value).toBe(true);
    expect(parseJson(`{"a":[1,${text}, ${text} ]}`)).toStrictEqual({ a: [1, value, value].map(plusZero) });
  });

  it('is read beside texts that look like it, or like the marks of the reading', () => {
    const text = String.raw`{"a": "1: 9007199254740993", "b\\": "[1e18]", "__proto__": 9007199254740993, "0": "\"1e18,"}`;
    const read = parseJson(text);
    expect(Object.entries(read ?? {})).toStrictEqual([
      ['0', '"1e18,'],
      ['a', '1: 9007199254740993'],
      ['b\\', '[1e18]'],
      ['__proto__', 9007199254740993n],
    ]);
    const half = String.raw`["\ud8000", "\uD8000", 9007199254740993]`;
    expect(parseJson(half)).toStrictEqual(['\ud8000', '\ud8000', 9007199254740993n]);
  });

  it('is read below as many levels as an API server holds', () => {
    const levels = 9000;
    let value = parseJson(`${'{"a":'.repeat(levels)}9007199254740993${'}'.repeat(levels)}`);
    for (let level = 0; level < levels; level++) value = Reflect.get(Object(value), 'a');
    expect(value).toBe(9007199254740993n);
    const odd = `["\\ud800", ${'['.repeat(100_000)}9007199254740993${']'.repeat(100_000)}]`;
    expect(() => parseJson(odd)).toThrow(new SyntaxError('the text is nested too deeply'));
  });

  it('leaves the words of a text that is no JSON as they are', () => {
    const broken = '{"a": 9007199254740993, "b" 1}';
    expect(() => parseJson(broken)).toThrow(/position 28|column 29/);
  });

  it('is read beside a text of megabytes', () => {
    const long = 'x"\\y'.repeat(1_000_000);
    expect(parseJson(`[9007199254740993, ${JSON.stringify(long)}]`)).toStrictEqual([9007199254740993n, long]);
  });

  it.each(['1e400', '-1e400', '9'.repeat(400)])('%s is refused, as Go refuses it', (text) => {
    expect(() => parseJson(`{"a":${text}}`)).toThrow('beyond what a 64-bit float holds');
  });
});

describe('a number written as JSON', () => {
  it('has all its digits, between values of any kind', () => {
    const value = { a: 9007199254740993n, b: [-9223372036854775808n, 1.5, '7'], c: undefined, d: null };
    expect(formatJson(value)).toBe('{"a":9007199254740993,"b":[-9223372036854775808,1.5,"7"],"d":null}');
    expect(formatJson({ a: 9007199254740993n }, 2)).toBe('{\n  "a": 9007199254740993\n}');
  });

  it('is written as JSON.stringify does where it is none', () => {
    expect([formatJson(undefined), formatJson('a'), formatJson([1e21, -0])]).toEqual([
      'null',
      '"a"',
      '[1e+21,0]',
    ]);
  });
});

describe('JSON for a reader of YAML', () => {
  it.each([
    'x\u0085y',
    ' x \u2028 y ',
    'x\u2029',
    '\ufeffx',
    '\u007f\u0080\u009f',
    '\ufffe\uffff',
    '😀',
    'x\n  y\t',
  ])('is read as the value that it is of: %j', (text) => {
    const value = { [text]: [text, 9_007_199_254_740_993n] };
    expect(sameJson(readDocument(formatYamlJson(value), 'values'), value)).toBe(true);
    expect(sameJson(parseJson(formatYamlJson(value)), value)).toBe(true);
  });
});

it('has one form for each whole number', () => {
  const forms = [2n ** 53n - 1n, 2n ** 53n, -(2n ** 63n), 2n ** 63n].map(wholeNumber);
  expect(forms).toStrictEqual([2 ** 53 - 1, 2n ** 53n, -(2n ** 63n), 2 ** 63]);
  expect([1, 2n ** 53n, '1', true].map(isNumber)).toEqual([true, true, false, false]);
});

/** Zero has one sign for Kubernetes; `JSON.parse` keeps the other one, which is written and compared alike. */
function plusZero(value: unknown): unknown {
  return value === 0 ? expect.closeTo(0) : value;
}
