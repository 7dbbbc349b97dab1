import { isFields } from '../object/manifest/check-manifest.ts';
import { ownField } from '../own-field.ts';

/**
 * A value that went through a script, with its empty lists made empty objects where the original has an object: a
 * script's tables don't tell the two apart.
 */
export function restoreShape(value: unknown, original: unknown): unknown {
  if (Array.isArray(value)) {
    if (isFields(original)) return value.length === 0 ? {} : value;
    if (!Array.isArray(original)) return value;
    return value.map((child, index) => restoreShape(child, original[index]));
  }
  if (!isFields(value)) return value;
  const before = isFields(original) ? original : {};
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, restoreShape(child, ownField(before, name))]),
  );
}
