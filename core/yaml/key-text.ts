import type { Scalar } from './node.ts';
import { readInteger } from './plain-scalar.ts';
import { resolveScalar } from './scalar.ts';

const int64Max = 2n ** 63n - 1n;

/** The text of a key: without quotes, Go's reader takes it for a number or a truth first, and writes that. */
export function keyText(scalar: Scalar): string | undefined {
  const value = resolveScalar(scalar);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value === undefined || value === null) return undefined;
  const integer = scalar.tag === floatTag ? undefined : readInteger(scalar.text);
  if (integer === undefined) return floatText(Number(value));
  return integer <= int64Max ? String(integer) : undefined;
}

const floatTag = 'tag:yaml.org,2002:float';

/** From this power of ten on Go writes a float with an exponent. */
const largePower = 6;

/** A float as Go writes one of 32 bits: in as few digits as tell it from its neighbours. */
function floatText(value: number): string {
  const float = Math.fround(value);
  if (Number.isNaN(float)) return '.nan';
  if (!Number.isFinite(float)) return float > 0 ? '.inf' : '-.inf';
  if (float === 0) return Object.is(float, -0) ? '-0' : '0';
  const shortest = shortestDigits(float);
  const [mantissa = '', exponent = ''] = shortest.split('e');
  const power = Number(exponent);
  const decimals = (mantissa.split('.')[1] ?? '').length;
  if (power >= -4 && power < largePower) return Number(shortest).toFixed(Math.max(0, decimals - power));
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** The fewest digits that tell a float of 32 bits from its neighbours; of two that are as near, Go takes the even one. */
function shortestDigits(float: number): string {
  let digits = 0;
  while (Math.fround(Number(float.toExponential(digits))) !== float) digits++;
  const shortest = float.toExponential(digits);
  const isTie =
    /5e/.test(float.toExponential(digits + 1)) && Number(float.toExponential(digits + 1)) === float;
  if (!isTie) return shortest;
  const below = float.toExponential(digits + 1).replace(/\.?5e/, 'e');
  return /[02468]e/.test(below) && Math.fround(Number(below)) === float ? below : shortest;
}
