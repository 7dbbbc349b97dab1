import { belowAll, isLeaf } from '../diff/fields/field-set.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import { ownField, setField, setFields } from '../own-field.ts';
import { withElementsOf } from './foreign-elements.ts';
import type { FormerState } from './former-fields.ts';
import { isSharedMap } from './merge-keys.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The JSON merge patch that brings a live object to what is desired: all desired fields, and a null for each that was
 * written before and is not desired any more. Fields that others added stay, in maps that are not desired too. Lists are
 * taken as a whole, with the elements that others own.
 */
export function mergePatch(desired: Fields, states: LiveStates): Fields {
  return patchFields(desired, states, []);
}

function patchFields(desired: Fields, states: LiveStates, path: readonly string[]): Fields {
  const patch: Record<string, unknown> = { ...removals(desired, states, path, wholeList) };
  for (const [field, value] of Object.entries(desired)) {
    const below = statesBelow(states, field);
    if (isFields(value)) setField(patch, field, patchFields(value, below, [...path, field]));
    else if (Array.isArray(value)) setFields(patch, wholeList(value, below, [...path, field]));
    else setField(patch, field, value);
  }
  return patch;
}

const wholeList: PatchList = (desired, { others, live }, path) => ({
  [path.at(-1) ?? '']: withElementsOf(others, desired, live),
});

/** What an object was written as before, what it is, and what others own of it; or the same of a part. */
export type LiveStates = FormerState & { readonly live: unknown };

/** The patch of a list at a path, as one field or several of its parent's. */
export type PatchList = (desired: readonly unknown[], states: LiveStates, path: readonly string[]) => Fields;

export function statesBelow({ before, live, others }: LiveStates, field: string): LiveStates {
  return {
    before: isFields(before) ? ownField(before, field) : undefined,
    live: isFields(live) ? ownField(live, field) : undefined,
    others: belowAll(others, `f:${field}`),
  };
}

/**
 * Nulls for the fields that were written before and are not desired any more, as a patch of either kind has them. What
 * somebody else owns stays, and so does a map or list that holds such a thing.
 */
export function removals(
  desired: Fields,
  states: LiveStates,
  path: readonly string[],
  patchList: PatchList,
): Fields {
  if (!isFields(states.before)) return {};
  const patch: Record<string, unknown> = {};
  for (const [field, former] of Object.entries(states.before)) {
    if (Object.hasOwn(desired, field)) continue;
    const below = statesBelow(states, field);
    const inner = [...path, field];
    if (below.others.some((set) => isLeaf(set) && !('.' in set))) continue;
    const shared = below.others.some((set) => !isLeaf(set)) || isSharedMap(inner);
    if (shared && isFields(former)) setField(patch, field, removals({}, below, inner, patchList));
    else if (shared && Array.isArray(former)) setFields(patch, patchList([], below, inner));
    else setField(patch, field, null);
  }
  return patch;
}
