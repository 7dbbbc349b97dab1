import { createByteCache } from '../../byte-cache.ts';
import { remember } from '../../remember.ts';

/** There are some 600 zones; the others are of names that are none. */
const formats = remember<Intl.DateTimeFormat | undefined>(2000);

/** Whether a name stands for a time zone; an empty one and `Local` are UTC, as on a server without a zone of its own. */
export function isTimeZone(name: string): boolean {
  return isUtc(name) || formatOf(name) !== undefined;
}

/**
 * How many milliseconds a zone's clocks are ahead of UTC at an instant; those of UTC for a name that is no zone. The
 * zones are those of the runtime: the same instant is asked again after an update of Node only.
 */
export function zoneOffset(name: string, at: number): number {
  const format = isUtc(name) ? undefined : formatOf(name);
  if (format === undefined) return 0;
  const minute = Math.floor(at / 60_000);
  const last = latest.get(name);
  if (last?.minute === minute) return last.offset;
  const offset = readOffset(format, at);
  latest.set(name, { minute, offset }, answerBytes);
  return offset;
}

/** The last answer of each zone: several windows ask about one instant, and clocks change at whole minutes. */
const latest = createByteCache<{ readonly minute: number; readonly offset: number }>(512 * 1024);
const answerBytes = 50;

function readOffset(format: Intl.DateTimeFormat, at: number): number {
  const text = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  const ahead = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ahead : ahead;
}

const probe = 7 * 86_400_000;

/** An offset with the first instant, at most `most` milliseconds later, at which it is looked up anew. */
export function zoneSpan(name: string, at: number, most: number): { offset: number; until: number } {
  const offset = zoneOffset(name, at);
  const end = at + most;
  if (isUtc(name) || formatOf(name) === undefined) return { offset, until: end };
  for (let from = at; from < end; from += probe) {
    const to = Math.min(from + probe, end);
    if (zoneOffset(name, to) !== offset) return { offset, until: firstChange(name, offset, from, to) };
  }
  return { offset, until: end };
}

function firstChange(name: string, offset: number, from: number, to: number): number {
  let [before, after] = [from, to];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (zoneOffset(name, middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

function isUtc(name: string): boolean {
  return name === '' || name === 'UTC' || name === 'Local';
}

function formatOf(name: string): Intl.DateTimeFormat | undefined {
  return formats(name, () => makeFormat(name));
}

function makeFormat(name: string): Intl.DateTimeFormat | undefined {
  // An offset such as +09:00 is a zone to the runtime only.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Safe: the caller is told that this is no zone.
    return undefined;
  }
}
