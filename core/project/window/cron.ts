import { ownField } from '../../own-field.ts';

/** When a schedule of five fields comes, by wall-clock time. */
export type Cron = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Whether a day has to be one of the month's and one of the week's; else either is enough. */
  readonly bothDays: boolean;
};

/** A schedule, or why it is none with what to do about it. */
export type ReadCron = { readonly cron: Cron; readonly fault?: never } | { readonly fault: string };

type Field = {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly words: readonly string[];
};

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The fields in their order; the first word of a field stands for its least number. */
const fields: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, words: [] },
  { name: 'hour', least: 0, most: 23, words: [] },
  { name: 'day of the month', least: 1, most: 31, words: [] },
  { name: 'month', least: 1, most: 12, words: months },
  { name: 'day of the week', least: 0, most: 6, words: weekdays },
];

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Longest schedule: what lists every minute by itself has 200 characters. */
const longest = 1024;

/** Reads a schedule: five fields of numbers, names, ranges, steps and lists, or `@daily` and its like. */
export function readCron(text: string): ReadCron {
  const fault = (why: string): ReadCron => ({ fault: `"${text.slice(0, 100)}" is not a schedule: ${why}` });
  if (text.length > longest) return fault(`it is longer than ${longest} characters; shorten it`);
  if (/^(?:CRON_)?TZ=/.test(text)) return fault('a window has its own field for the zone; set timeZone');
  const parts = (ownField(descriptors, text) ?? text).split(/\s+/).filter((part) => part !== '');
  if (parts[0]?.startsWith('@')) return fault(`${parts[0]} is not known; write it as five fields`);
  if (parts.length !== fields.length) {
    return fault(
      `it has ${parts.length} fields, not 5; write minute, hour, day of the month, month, day of the week`,
    );
  }
  const taken: Taken[] = [];
  for (const [at, field] of fields.entries()) {
    const one = readField(parts[at] ?? '', field);
    if ('why' in one) return fault(one.why);
    taken.push(one);
  }
  const [minute = none, hour = none, day = none, month = none, weekday = none] = taken;
  const cron: Cron = {
    minutes: [...minute.numbers].sort((left, right) => left - right),
    hours: [...hour.numbers].sort((left, right) => left - right),
    days: day.numbers,
    months: month.numbers,
    weekdays: weekday.numbers,
    bothDays: day.star || weekday.star,
  };
  // 2000 was a leap year; five years from 1999 hold every day of the calendar.
  if (nextStart(cron, Date.UTC(1999, 0, 1)) === undefined) return fault('no day fits it; correct it');
  return { cron };
}

type Taken = { readonly numbers: ReadonlySet<number>; readonly star: boolean };
type Wrong = { readonly why: string };

const none: Taken = { numbers: new Set(), star: false };

function readField(text: string, field: Field): Taken | Wrong {
  const numbers = new Set<number>();
  let star = false;
  for (const range of text.split(',').filter((part) => part !== '')) {
    const read = readRange(range, field);
    if ('why' in read) return { why: `${field.name} "${range}" ${read.why}` };
    for (let number = read.from; number <= read.to; number += read.step) numbers.add(number);
    // A star with a step counts as a list of its numbers, as `*/2` among the days does.
    if (read.star && read.step === 1) star = true;
  }
  if (numbers.size === 0) return { why: `${field.name} "${text}" names none; write * for each` };
  return { numbers, star };
}

type Range = { readonly from: number; readonly to: number; readonly step: number; readonly star: boolean };

function readRange(text: string, field: Field): Range | Wrong {
  const [bounds = '', stepText, ...steps] = text.split('/');
  const [low = '', high, ...others] = bounds.split('-');
  if (steps.length > 0) return { why: 'has several steps; keep one' };
  const step = stepText === undefined ? 1 : readNumber(stepText);
  if (step === undefined || step === 0) return { why: 'has no number above 0 for its step; correct it' };
  // The rest of a range that begins with a star counts for nothing.
  if (low === '*' || low === '?') return { from: field.least, to: field.most, step, star: true };
  if (others.length > 0) return { why: 'has several hyphens; separate ranges by commas' };
  const from = readPoint(low, field);
  const end = high === undefined ? from : readPoint(high, field);
  if (from === undefined || end === undefined) {
    return { why: `is neither a number nor a name; write numbers from ${field.least} to ${field.most}` };
  }
  const to = high === undefined && stepText !== undefined ? field.most : end;
  if (from < field.least || to > field.most) {
    return { why: `is out of range; write numbers from ${field.least} to ${field.most}` };
  }
  if (from > to) return { why: 'ends before it begins; turn it around' };
  return { from, to, step, star: false };
}

function readPoint(text: string, { words, least }: Field): number | undefined {
  const at = words.indexOf(text.toLowerCase());
  return at === -1 ? readNumber(text) : at + least;
}

function readNumber(text: string): number | undefined {
  return /^\+?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

const minuteLength = 60_000;
const dayLength = 86_400_000;

/**
 * The first start after an instant, both by wall-clock time in milliseconds as if it were UTC; undefined when none comes
 * within five years.
 */
export function nextStart(cron: Cron, after: number): number | undefined {
  const first = (Math.floor(after / minuteLength) + 1) * minuteLength;
  const lastYear = new Date(after).getUTCFullYear() + 5;
  for (let day = Math.floor(first / dayLength) * dayLength; ; day += dayLength) {
    const date = new Date(day);
    if (date.getUTCFullYear() > lastYear) return undefined;
    if (!cron.months.has(date.getUTCMonth() + 1)) {
      // The day before the next month's first, which the loop steps over.
      day = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0);
      continue;
    }
    const found = isDay(cron, date) ? startWithin(cron, day, first) : undefined;
    if (found !== undefined) return found;
  }
}

function isDay(cron: Cron, date: Date): boolean {
  const ofMonth = cron.days.has(date.getUTCDate());
  const ofWeek = cron.weekdays.has(date.getUTCDay());
  return cron.bothDays ? ofMonth && ofWeek : ofMonth || ofWeek;
}

function startWithin(cron: Cron, day: number, first: number): number | undefined {
  for (const hour of cron.hours) {
    const start = day + hour * 60 * minuteLength;
    if (start + 60 * minuteLength <= first) continue;
    const minute = cron.minutes.find((one) => start + one * minuteLength >= first);
    if (minute !== undefined) return start + minute * minuteLength;
  }
  return undefined;
}
