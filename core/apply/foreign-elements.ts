import {
  belowAll,
  belowField,
  elementKeys,
  type FieldSet,
  type Fields,
  isElement,
  mayBeElement,
  stepsOf,
} from '../diff/fields/field-set.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import { ownField, setField } from '../own-field.ts';
import { ownedPart } from './former-fields.ts';

/**
 * A list to be written as a whole, with what other owners have in the live one: their elements behind ours, and their
 * fields inside of ours. Field sets name elements only in lists that a server-side apply merges one by one.
 */
export function withElementsOf(
  others: readonly FieldSet[],
  desired: readonly unknown[],
  live: unknown,
): readonly unknown[] {
  if (!Array.isArray(live)) return desired;
  const result = [...desired];
  const steps = new Set(others.flatMap(stepsOf).filter((step) => /^[kv]:/.test(step)));
  for (const step of steps) {
    const element: unknown = live.find((candidate) => isElement(step, candidate));
    if (element === undefined) continue;
    const theirs = belowAll(others, step);
    const place = result.findIndex((candidate) => mayBeElement(step, candidate));
    const own = place === -1 ? elementKeys(step) : result[place];
    const joined = own === undefined ? element : withFieldsOf(theirs, own, element);
    if (place === -1) result.push(joined);
    else result[place] = joined;
  }
  return result;
}

/** A value with what other owners have in the live one and it has not. */
function withFieldsOf(others: readonly FieldSet[], desired: unknown, live: unknown): unknown {
  if (Array.isArray(desired)) return withElementsOf(others, desired, live);
  if (!isFields(desired) || !isFields(live)) return desired;
  const result: Record<string, unknown> = { ...desired };
  for (const set of others) {
    for (const step of stepsOf(set)) addField(result, live, step.slice(2), set);
  }
  return result;
}

function addField(result: Record<string, unknown>, live: Fields, name: string, set: FieldSet): void {
  const inner = belowField(set, name);
  if (inner === undefined || !Object.hasOwn(live, name)) return;
  setField(
    result,
    name,
    Object.hasOwn(result, name)
      ? withFieldsOf([inner], ownField(result, name), ownField(live, name))
      : ownedPart(ownField(live, name), inner),
  );
}
