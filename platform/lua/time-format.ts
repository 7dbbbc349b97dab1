import { ownField } from '../../core/own-field.ts';

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const two = (value: number): string => String(value).padStart(2, '0');
const hour12 = (at: Date): number => at.getUTCHours() % 12 || 12;
const dayOfYear = (at: Date): number =>
  Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;

/** Conversions of C's strftime in the C locale and in UTC. */
const conversions: Readonly<Record<string, string | ((at: Date) => string)>> = {
  a: (at) => (days[at.getUTCDay()] ?? '').slice(0, 3),
  A: (at) => days[at.getUTCDay()] ?? '',
  b: (at) => (months[at.getUTCMonth()] ?? '').slice(0, 3),
  B: (at) => months[at.getUTCMonth()] ?? '',
  c: '%a %b %e %H:%M:%S %Y',
  d: (at) => two(at.getUTCDate()),
  D: '%m/%d/%y',
  e: (at) => String(at.getUTCDate()).padStart(2, ' '),
  F: '%Y-%m-%d',
  H: (at) => two(at.getUTCHours()),
  I: (at) => two(hour12(at)),
  j: (at) => String(dayOfYear(at)).padStart(3, '0'),
  m: (at) => two(at.getUTCMonth() + 1),
  M: (at) => two(at.getUTCMinutes()),
  n: '\n',
  p: (at) => (at.getUTCHours() < 12 ? 'AM' : 'PM'),
  r: '%I:%M:%S %p',
  R: '%H:%M',
  s: (at) => String(Math.floor(at.getTime() / 1000)),
  S: (at) => two(at.getUTCSeconds()),
  t: '\t',
  T: '%H:%M:%S',
  u: (at) => String(at.getUTCDay() || 7),
  w: (at) => String(at.getUTCDay()),
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  y: (at) => two(at.getUTCFullYear() % 100),
  Y: (at) => String(at.getUTCFullYear()),
  z: '+0000',
  Z: 'UTC',
  '%': '%',
};

/** A time in the format of `os.date`; a conversion that C doesn't know stays as it is. */
export function formatTime(format: string, at: Date): string {
  return format.replace(/%([a-zA-Z%])/g, (whole, letter: string) => {
    const conversion = ownField(conversions, letter);
    if (conversion === undefined) return whole;
    if (typeof conversion === 'function') return conversion(at);
    return conversion === '%' ? conversion : formatTime(conversion, at);
  });
}
