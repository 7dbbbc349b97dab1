/**
 * JSON with sorted keys and without undefined fields: equal texts mean equal values, so it serves digests and
 * comparisons. Keys are ordered by code units, the same on every machine.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((child) => canonicalJson(child ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields: string[] = [];
  for (const [name, child] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (child === undefined) continue;
    fields.push(`${JSON.stringify(name)}:${canonicalJson(child)}`);
  }
  return `{${fields.join(',')}}`;
}

/** Whether two JSON values are the same whatever the order of their keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}
