import type { Scalar } from './node.ts';
import { readInteger } from './plain-scalar.ts';
import { resolveScalar } from './scalar.ts';
import { UnreadableError } from './unreadable.ts';

const int64Max = 2n ** 63n - 1n;

/** The text of a key without quotes: Go's reader takes it for a number or a truth first, and writes that. */
export function keyText(scalar: Scalar): string {
  const value = resolveScalar(scalar);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  const integer = value === null || scalar.tag === floatTag ? undefined : readInteger(scalar.text);
  if (value !== null && integer === undefined) return floatText(Number(value));
  if (integer !== undefined && integer <= int64Max) return String(integer);
  throw new UnreadableError('a map key must be a text; put it in quotes', scalar.line);
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
  let digits = 0;
  while (Math.fround(Number(float.toExponential(digits))) !== float) digits++;
  const shortest = float.toExponential(digits);
  const [mantissa = '', exponent = ''] = shortest.split('e');
  const power = Number(exponent);
  if (power >= -4 && power < largePower) return Number(shortest).toFixed(Math.max(0, digits - power));
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
