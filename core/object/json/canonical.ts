import { formatJson } from './json.ts';

/**
 * JSON with sorted keys and without undefined fields: equal texts mean equal values, so it serves digests and
 * comparisons. Keys are ordered by code units, the same on every machine.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((child) => canonicalJson(child ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return formatJson(value);
  const fields = value as Readonly<Record<string, unknown>>;
  let text = '';
  // Without a comparator keys are sorted by code units, and several times faster.
  for (const name of Object.keys(fields).sort()) {
    const child = fields[name];
    if (child === undefined) continue;
    text += `${text === '' ? '' : ','}${formatJson(name)}:${canonicalJson(child)}`;
  }
  return `{${text}}`;
}

/** Whether two JSON values are the same whatever the order of their keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}
