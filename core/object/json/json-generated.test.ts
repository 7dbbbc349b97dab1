import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical.ts';
import { formatJson, parseJson } from './json.ts';

/**
 * What Go makes of a JSON number, told by whole numbers alone: neither this platform's reading nor its writing of
 * floats is asked.
 */
function asGoWrites(text: string): string {
  const whole = /^-?\d+$/.test(text) ? BigInt(text) : undefined;
  if (whole !== undefined && whole >= -(2n ** 63n) && whole < 2n ** 63n) return String(whole);
  const [, sign = '', int = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  const float = nearestFloat(fractionOf(BigInt(int + fraction), Number(exponent) - fraction.length));
  return float.mantissa === 0n ? '0' : sign + shortest(float);
}

type Fraction = { readonly above: bigint; readonly below: bigint };
type Float = { readonly mantissa: bigint; readonly exponent: number };

function fractionOf(digits: bigint, exponent: number): Fraction {
  return exponent >= 0
    ? { above: digits * 10n ** BigInt(exponent), below: 1n }
    : { above: digits, below: 10n ** BigInt(-exponent) };
}

/** The float of 53 bits next to a positive fraction, an even one where two are as near. */
function nearestFloat({ above, below }: Fraction): Float {
  let exponent = Math.max(bits(above) - bits(below) - 54, -1074);
  for (;;) {
    const [over, under] =
      exponent >= 0 ? [above, below << BigInt(exponent)] : [above << BigInt(-exponent), below];
    const mantissa = over / under;
    if (mantissa >= 2n ** 53n) {
      exponent++;
      continue;
    }
    const rest = 2n * (over % under);
    const up = rest > under || (rest === under && mantissa % 2n === 1n);
    const rounded = mantissa + (up ? 1n : 0n);
    return rounded === 2n ** 53n
      ? { mantissa: rounded / 2n, exponent: exponent + 1 }
      : { mantissa: rounded, exponent };
  }
}

function bits(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** The fewest digits that mean a float, those next to it. */
function shortest(float: Float): string {
  const power = BigInt(Math.abs(float.exponent));
  const exact: Fraction =
    float.exponent >= 0
      ? { above: float.mantissa << power, below: 1n }
      : { above: float.mantissa, below: 1n << power };
  const magnitude = String(exact.above).length - String(exact.below).length;
  for (let place = magnitude + 1; ; place--) {
    // Counted in units of 10^place.
    const [over, under] =
      place >= 0
        ? [exact.above, exact.below * 10n ** BigInt(place)]
        : [exact.above * 10n ** BigInt(-place), exact.below];
    const floor = over / under;
    const rest = 2n * (over % under);
    const up = rest > under || (rest === under && floor % 2n === 1n);
    const near = up ? [floor + 1n, floor] : [floor, floor + 1n];
    const found = near.find(
      (digits) => digits > 0n && isSame(nearestFloat(fractionOf(digits, place)), float),
    );
    if (found !== undefined) return write(String(found), place);
  }
}

function isSame(left: Float, right: Float): boolean {
  return left.mantissa === right.mantissa && left.exponent === right.exponent;
}

/** Digits in units of 10^place, in Go's form: an exponent below 1e-6 and from 1e21 on. */
function write(digits: string, place: number): string {
  const point = digits.length + place;
  if (point > 21 || point < -5) {
    const [first, rest] = [digits.slice(0, 1), digits.slice(1).replace(/0+$/, '')];
    return `${first}${rest === '' ? '' : `.${rest}`}e${point > 0 ? '+' : ''}${point - 1}`;
  }
  if (place >= 0) return digits + '0'.repeat(place);
  const padded = digits.padStart(1 - place, '0');
  const fraction = padded.slice(place).replace(/0+$/, '');
  return `${padded.slice(0, place)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** A JSON text, and the text that Go makes of it. */
type Sample = { readonly text: string; readonly expected: string };

const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));
const edges = [2n ** 53n, 2n ** 63n, 2n ** 64n, 10n ** 15n, 10n ** 18n, 10n ** 21n];
const wholeText = fc.oneof(
  fc.bigInt(-(2n ** 65n), 2n ** 65n).map(String),
  fc.tuple(fc.constantFrom(...edges), fc.bigInt(-3n, 3n), fc.boolean()).map(([edge, step, negative]) => {
    const value = edge + step;
    return String(negative ? -value : value);
  }),
  fc.integer().map(String),
);
const floatText = fc
  .tuple(
    wholeText,
    fc.option(digits(20)),
    fc.option(fc.tuple(fc.constantFrom('e', 'E'), fc.integer({ min: -340, max: 280 }), fc.boolean())),
  )
  .map(([int, fraction, exponent]) => {
    const [letter, size, plus] = exponent ?? ['', 0, false];
    const power = letter === '' ? '' : `${letter}${plus && size >= 0 ? '+' : ''}${size}`;
    return `${int}${fraction === null ? '' : `.${fraction}`}${power}`;
  });
const nearExponent = fc
  .tuple(digits(8), fc.integer({ min: 0, max: 24 }))
  .map(([mantissa, exponent]) => `${BigInt(mantissa)}e${exponent}`);
const number: fc.Arbitrary<Sample> = fc
  .oneof(wholeText, floatText, nearExponent)
  .map((text) => ({ text, expected: asGoWrites(text) }));

/** Texts that look like the numbers which need exact reading. */
const lookalike = fc
  .tuple(
    fc.constantFrom('', ':', '[', ', ', '"', '\\', 'a '),
    digits(22),
    fc.constantFrom('', 'e9', ',', ']'),
  )
  .map((parts) => parts.join(''));
const string: fc.Arbitrary<Sample> = fc.oneof(lookalike, fc.string()).map((value) => {
  const text = JSON.stringify(value);
  return { text, expected: text };
});
const word = fc.constantFrom('true', 'false', 'null').map((text): Sample => ({ text, expected: text }));
const space = fc.constantFrom('', ' ', '\n', '\t ');

const { value } = fc.letrec<{ value: Sample }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof({ arbitrary: number, weight: 3 }, string, word),
    fc.tuple(fc.array(tie('value'), { maxLength: 4 }), space).map(([items, gap]) => ({
      text: `[${gap}${items.map(({ text }) => text).join(`${gap},${gap}`)}${gap}]`,
      expected: `[${items.map(({ expected }) => expected).join(',')}]`,
    })),
    fc.tuple(fc.array(tie('value'), { maxLength: 4 }), space).map(([items, gap]) => ({
      text: `{${gap}${items.map(({ text }, place) => `"f${place}"${gap}:${gap}${text}`).join(`${gap},${gap}`)}${gap}}`,
      expected: `{${items.map(({ expected }, place) => `"f${place}":${expected}`).join(',')}}`,
    })),
  ),
}));

describe('any JSON text', () => {
  it('is read and written as Go reads and writes it, once and again', () => {
    fc.assert(
      fc.property(value, ({ text, expected }) => {
        const read = parseJson(text);
        expect(formatJson(read)).toBe(expected);
        expect(canonicalJson(read)).toBe(expected);
        expect(formatJson(parseJson(expected))).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('has the same value in every form of its numbers', () => {
    fc.assert(
      fc.property(number, ({ text, expected }) => {
        expect(parseJson(text) === parseJson(expected)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
