import { formatJson } from '../core/object/json/json.ts';

/** Names of pino's levels by their numbers. */
const levels: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warning', 50: 'error' };

/** What stands first, or is no news in the next line. */
const leading: ReadonlySet<string> = new Set(['time', 'level', 'msg', 'pid', 'hostname', 'name']);

/** A line of the log for eyes and for tools that read `key=value`: time, level and message first. */
export function textLine(line: unknown): string {
  const fields: Readonly<Record<string, unknown>> = { ...(line as object) };
  const { time, level, msg, name } = fields;
  const first = {
    time: new Date(Number(time)).toISOString(),
    level: levels[Number(level)] ?? String(level),
    msg,
    role: name,
  };
  const others = Object.entries(fields).filter(([key]) => !leading.has(key));
  return `${[...Object.entries(first), ...others].map(([key, value]) => `${key}=${shown(value)}`).join(' ')}\n`;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : formatJson(value);
  return /^[\w./:@-]+$/.test(text) ? text : formatJson(text);
}
