import { isNumber } from '../../object/json/json.ts';

const form = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;

const decimals: readonly string[] = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binaries: readonly string[] = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Amounts are counted in billionths, the finest unit there is. */
const finest = 9;
/** More digits than any quantity has; reckoning with millions of them takes seconds. */
const longest = 100;

/** A quantity as the API server writes it back: `1000m` as `1`, `1024Mi` as `1Gi`; other values as they are. */
export function canonicalQuantity(value: unknown): unknown {
  const text = isNumber(value) ? String(value) : value;
  if (typeof text !== 'string' || text.length > longest) return value;
  const match = form.exec(text);
  if (match === null) return value;
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return value;
  const amount = billionths(whole + fraction, fraction.length, suffix);
  if (amount === undefined) return value;
  const signed = sign === '-' && amount !== 0n ? '-' : '';
  return signed + write(amount, suffix);
}

function billionths(digits: string, places: number, suffix: string): bigint | undefined {
  const mantissa = BigInt(digits);
  const binary = binaries.findIndex((name) => name !== '' && name === suffix);
  const exponent = (binary > 0 ? 0 : exponentOf(suffix)) + finest - places;
  const factor = binary > 0 ? 1024n ** BigInt(binary) : 1n;
  if (Math.abs(exponent) > 60) return undefined;
  if (exponent >= 0) return mantissa * factor * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  // Finer amounts are rounded by the API server; they are rare enough to be left to it.
  return (mantissa * factor) % divisor === 0n ? (mantissa * factor) / divisor : undefined;
}

function exponentOf(suffix: string): number {
  if (/^[eE][+-]?\d/.test(suffix)) return Number(suffix.slice(1));
  return (decimals.indexOf(suffix) - 3) * 3;
}

function write(amount: bigint, suffix: string): string {
  if (amount === 0n) return '0';
  const one = 10n ** BigInt(finest);
  if (suffix.endsWith('i') && amount >= 1024n * one && amount % one === 0n) return writeBinary(amount / one);
  let step = 0;
  let rest = amount;
  while (rest % 1000n === 0n && step < decimals.length - 1) {
    rest /= 1000n;
    step++;
  }
  if (!/^[eE]/.test(suffix) || suffix === 'E') return `${rest}${decimals[step]}`;
  const exponent = (step - 3) * 3;
  return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
}

function writeBinary(amount: bigint): string {
  let step = 0;
  let rest = amount;
  while (rest % 1024n === 0n && step < binaries.length - 1) {
    rest /= 1024n;
    step++;
  }
  return `${rest}${binaries[step]}`;
}
