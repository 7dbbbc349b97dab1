import { isFields } from '../object/check-manifest.ts';
import { isSharedMap } from './merge-keys.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The JSON merge patch that brings a live object to what is desired: all desired fields, and a null for each that was
 * written before and is not desired any more. Fields that others added stay. Lists are taken as a whole.
 */
export function mergePatch(desired: Fields, before: unknown): Fields {
  return patchFields(desired, before, []);
}

function patchFields(desired: Fields, before: unknown, path: readonly string[]): Fields {
  const patch: Record<string, unknown> = { ...removals(desired, before, path) };
  for (const [field, value] of Object.entries(desired)) {
    const former = isFields(before) ? before[field] : undefined;
    patch[field] = isFields(value) ? patchFields(value, former, [...path, field]) : value;
  }
  return patch;
}

/** Nulls for the fields that were written before and are not desired any more, as a patch of either kind has them. */
export function removals(desired: Fields, before: unknown, path: readonly string[]): Fields {
  if (!isFields(before)) return {};
  const patch: Record<string, unknown> = {};
  for (const [field, former] of Object.entries(before)) {
    if (field in desired) continue;
    const shared = isFields(former) && isSharedMap([...path, field]);
    patch[field] = shared ? removals({}, former, [...path, field]) : null;
  }
  return patch;
}
