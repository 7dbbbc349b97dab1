import { sameJson } from '../object/json/canonical.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import { ownField, setField } from '../own-field.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The JSON merge patch (RFC 7386) that turns one object into another; undefined when they are the same. A list is
 * one value. A null of the target can't be expressed and removes the field.
 */
export function mergePatchBetween(from: Fields, to: Fields): Fields | undefined {
  const patch: Record<string, unknown> = {};
  for (const name of Object.keys(from)) {
    if (
      ownField(to, name) === undefined &&
      ownField(from, name) !== undefined &&
      ownField(from, name) !== null
    )
      setField(patch, name, null);
  }
  for (const [name, value] of Object.entries(to)) {
    const before = ownField(from, name);
    if (value === undefined || sameJson(before ?? null, value)) continue;
    setField(patch, name, isFields(before) && isFields(value) ? mergePatchBetween(before, value) : value);
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Whether a merge patch leaves an object as it is. */
export function changesNothing(patch: Fields, live: Fields): boolean {
  return Object.entries(patch).every(([name, value]) => {
    const present = ownField(live, name);
    if (value === null) return present === undefined || present === null;
    if (isFields(value)) return isFields(present) && changesNothing(value, present);
    return sameJson(present ?? null, value);
  });
}
