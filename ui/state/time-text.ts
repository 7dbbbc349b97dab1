/** `850 ms`, `12 s`, `3 min 05 s`, `2 h 10 min`, `4 d`: as exact as a reader needs. */
export function durationText(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

/** A stopwatch that doesn't jump in width: `0:07`, `12:40`, `1:02:03`. */
export function clockText(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1_000);
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** How long ago, in one unit: `just now`, `5 min ago`, `3 h ago`, `12 d ago`. */
export function agoText(time: number, now: number): string {
  const seconds = Math.floor((now - time) / 1_000);
  if (seconds < 60) return 'just now';
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** Milliseconds between two RFC 3339 times; up to `now` while there is no end. */
export function spanOf(start: string | undefined, end: string | undefined, now: number): number | undefined {
  if (start === undefined) return undefined;
  return Math.max(0, (end === undefined ? now : Date.parse(end)) - Date.parse(start));
}
