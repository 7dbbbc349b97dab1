import { KeelsonError } from '../errors.ts';
import { ownField } from '../own-field.ts';

const unitSeconds: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Go counts 64 bits of nanoseconds, which is 292 years, and takes nothing longer for a duration. */
const longest = 2 ** 63 / 1e9;

/**
 * Seconds of a Go duration (`5s`, `1h30m`, `1.5m`) or of a bare whole number; undefined if it is neither, or longer than
 * a duration can be.
 */
export function readDuration(text: string): number | undefined {
  const isNegative = text.startsWith('-');
  const amount = isNegative || text.startsWith('+') ? text.slice(1) : text;
  const seconds = /^\d+$/.test(amount) ? Number(amount) : readParts(amount);
  if (seconds === undefined || seconds >= longest) return undefined;
  return isNegative ? -seconds : seconds;
}

function readParts(text: string): number | undefined {
  if (text === '') return undefined;
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
  let seconds = 0;
  while (part.lastIndex < text.length) {
    const [, amount, unit = ''] = part.exec(text) ?? [];
    if (amount === undefined) return undefined;
    seconds += Number(amount) * (ownField(unitSeconds, unit) ?? 0);
  }
  return seconds;
}

/** Seconds of a duration; throws `invalid-argument` when the text is not one. */
export function parseDuration(text: string): number {
  const seconds = readDuration(text);
  if (seconds === undefined) {
    throw new KeelsonError(
      'invalid-argument',
      `duration "${text}" cannot be read; write a number with a unit such as 5s, 3m or 1h30m`,
    );
  }
  return seconds;
}

/** The shortest duration text for a number of seconds: `90` is `1m30s`, `3600` is `1h`, `0` is `0s`. */
export function formatDuration(seconds: number): string {
  const sign = seconds < 0 ? '-' : '';
  const total = Math.abs(seconds);
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const rest = Math.round((total - hours * 3600 - minutes * 60) * 1000) / 1000;
  const text = `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${rest > 0 ? `${rest}s` : ''}`;
  return text === '' ? '0s' : sign + text;
}
