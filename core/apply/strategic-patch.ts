import { isFields } from '../object/check-manifest.ts';
import { unionOf } from './former-fields.ts';
import { type ListMerge, listMerge, objectMerge } from './merge-keys.ts';
import { removals } from './merge-patch.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Three states of one object, or of the same part of it. */
export type ThreeStates = {
  readonly desired: Fields;
  /** What was written before; nothing else is removed. */
  readonly before: unknown;
  readonly live: unknown;
};

/**
 * The strategic merge patch that brings a live object of a built-in kind to what is desired. The API server merges
 * the desired fields itself; removals are what it can't know: nulls, `$patch: delete` for list elements,
 * `$deleteFromPrimitiveList` for values, `$retainKeys` for unions. A list in which a merge key occurs twice (ports of
 * two protocols, repeated variables) has no elements that a patch could name: it is replaced as a whole.
 */
export function strategicPatch(kind: string, states: ThreeStates): Fields {
  return patchFields(kind, states, []);
}

function patchFields(kind: string, { desired, before, live }: ThreeStates, path: readonly string[]): Fields {
  const merge = objectMerge(kind, path);
  if (merge === 'replacement') return desired;
  const patch: Record<string, unknown> = { ...removals(desired, before, path) };
  for (const [field, value] of Object.entries(desired)) {
    const below = { before: fieldOf(before, field), live: fieldOf(live, field) };
    // The API server takes what is new as it stands, directives included, and refuses those as unknown fields.
    if (below.live === undefined) patch[field] = value;
    else if (isFields(value))
      patch[field] = patchFields(kind, { desired: value, ...below }, [...path, field]);
    else if (Array.isArray(value)) Object.assign(patch, patchList(kind, value, below, [...path, field]));
    else patch[field] = value;
  }
  return merge === 'union' ? asUnion(patch, desired) : patch;
}

type Others = Pick<ThreeStates, 'before' | 'live'>;

function patchList(
  kind: string,
  desired: readonly unknown[],
  others: Others,
  path: readonly string[],
): Fields {
  const merge = listMerge(kind, path);
  const field = path.at(-1) ?? '';
  if (merge.by === 'replacement') return { [field]: desired };
  const before = Array.isArray(others.before) ? others.before : [];
  if (merge.by === 'value') {
    const gone = before.filter((value) => !desired.includes(value));
    return {
      [field]: desired,
      ...(gone.length === 0 ? {} : { [`$deleteFromPrimitiveList/${field}`]: gone }),
    };
  }
  const live = Array.isArray(others.live) ? others.live : [];
  if (!areKeyed(desired, merge.key) || !areKeyed(live, merge.key)) {
    return { [field]: [{ $patch: 'replace' }, ...desired] };
  }
  return patchElements(kind, { desired, before, live }, merge, path);
}

function patchElements(
  kind: string,
  lists: { readonly desired: readonly Fields[]; before: readonly unknown[]; live: readonly Fields[] },
  { key, retainKeys }: Extract<ListMerge, { by: 'key' }>,
  path: readonly string[],
): Fields {
  const field = path.at(-1) ?? '';
  const elements = lists.desired.map((desired) => {
    const sameKey = (element: unknown): boolean => fieldOf(element, key) === desired[key];
    const live = lists.live.find(sameKey);
    if (live === undefined) return desired;
    const before = lists.before.filter(sameKey).reduce(unionOf, undefined);
    const patch = patchFields(kind, { desired, before, live }, path);
    return retainKeys ? asUnion(patch, desired) : patch;
  });
  const wanted = new Set(lists.desired.map((element) => element[key]));
  const former = new Set(lists.before.map((element) => fieldOf(element, key)));
  const gone = [...former].filter((value) => value !== undefined && !wanted.has(value));
  return {
    [field]: [...elements, ...gone.map((value) => ({ $patch: 'delete', [key]: value }))],
    // Order counts where one element refers to another, as variables do.
    [`$setElementOrder/${field}`]: lists.desired.map((element) => ({ [key]: element[key] })),
  };
}

/** Names every member that stays; the API server refuses a patch that names others beside them, nulls included. */
function asUnion(patch: Fields, desired: Fields): Fields {
  const kept = Object.entries(patch).filter(
    ([field]) => field.startsWith('$') || field.includes('/') || field in desired,
  );
  return { ...Object.fromEntries(kept), $retainKeys: Object.keys(desired) };
}

/** Whether every element can be named by the key, and no two by the same. */
function areKeyed(elements: readonly unknown[], key: string): elements is readonly Fields[] {
  const values = elements.map((element) => fieldOf(element, key));
  return !values.includes(undefined) && new Set(values).size === values.length;
}

function fieldOf(value: unknown, field: string): unknown {
  return isFields(value) ? value[field] : undefined;
}
