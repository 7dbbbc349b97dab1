import { ownField } from '../../own-field.ts';
import { isFields } from '../manifest/check-manifest.ts';

/** The value at a path of fields in a JSON object; undefined where the path ends early. */
export function valueAt(object: unknown, ...path: readonly string[]): unknown {
  let value = object;
  for (const name of path) {
    if (!isFields(value)) return undefined;
    value = ownField(value, name);
  }
  return value ?? undefined;
}

/** The text at a path; empty when there is none. */
export function textAt(object: unknown, ...path: readonly string[]): string {
  const value = valueAt(object, ...path);
  return typeof value === 'string' ? value : '';
}

/** The number at a path, a whole one of 64 bits as near as a number comes to it; undefined when there is none. */
export function numberAt(object: unknown, ...path: readonly string[]): number | undefined {
  const value = valueAt(object, ...path);
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : undefined;
}

/** The list at a path; empty when there is none. */
export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? value : [];
}

/** The condition of a type in `status.conditions`. */
export function conditionOf(object: unknown, type: string): unknown {
  return listAt(object, 'status', 'conditions').find((condition) => textAt(condition, 'type') === type);
}
