import { belowAll, elementKeys, type FieldSet, stepsOf } from '../diff/fields/field-set.ts';
import { formatJson } from '../object/json/json.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import { ownField, setField, setFields } from '../own-field.ts';
import { unionOf } from './former-fields.ts';
import { type ListMerge, listMerge, objectMerge } from './merge-keys.ts';
import { type LiveStates, removals, statesBelow } from './merge-patch.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Three states of one object, or of the same part of it. Nothing is removed but what was written before. */
export type ThreeStates = LiveStates & { readonly desired: Fields };

/**
 * The strategic merge patch that brings a live object of a built-in kind to what is desired. The API server merges
 * the desired fields itself; removals are what it can't know: nulls, `$patch: delete` for list elements,
 * `$deleteFromPrimitiveList` for values, `$retainKeys` for unions. A list in which a merge key occurs twice (ports of
 * two protocols, repeated variables) has no elements that a patch could name: it is replaced as a whole.
 */
export function strategicPatch(kind: string, states: ThreeStates): Fields {
  return patchFields(kind, states, []);
}

function patchFields(kind: string, { desired, ...states }: ThreeStates, path: readonly string[]): Fields {
  const merge = objectMerge(kind, path);
  if (merge === 'replacement') return desired;
  const patch: Record<string, unknown> = {
    ...removals(desired, states, path, (list, below, inner) => patchList(kind, list, below, inner)),
  };
  for (const [field, value] of Object.entries(desired)) {
    const below = statesBelow(states, field);
    // The API server takes what is new as it stands, directives included, and refuses those as unknown fields.
    if (below.live === undefined) setField(patch, field, value);
    else if (isFields(value))
      setField(patch, field, patchFields(kind, { desired: value, ...below }, [...path, field]));
    else if (Array.isArray(value)) setFields(patch, patchList(kind, value, below, [...path, field]));
    else setField(patch, field, value);
  }
  return merge === 'union' ? asUnion(patch, desired) : patch;
}

function patchList(
  kind: string,
  desired: readonly unknown[],
  states: LiveStates,
  path: readonly string[],
): Fields {
  const merge = listMerge(kind, path);
  const field = path.at(-1) ?? '';
  if (merge.by === 'replacement') return { [field]: desired };
  const before = Array.isArray(states.before) ? states.before : [];
  if (merge.by === 'value') {
    const isTheirs = (value: unknown): boolean =>
      states.others.some((set) => `v:${formatJson(value)}` in set);
    const gone = before.filter((value) => !desired.includes(value) && !isTheirs(value));
    return {
      [field]: desired,
      ...(gone.length === 0 ? {} : { [`$deleteFromPrimitiveList/${field}`]: gone }),
    };
  }
  const live: readonly unknown[] = Array.isArray(states.live) ? states.live : [];
  if (!areKeyed(desired, merge.key) || !areKeyed(live, merge.key)) {
    return { [field]: [{ $patch: 'replace' }, ...desired] };
  }
  return patchElements(kind, { desired, before, live, others: states.others }, merge, path);
}

function patchElements(
  kind: string,
  lists: {
    readonly desired: readonly Fields[];
    readonly before: readonly unknown[];
    readonly live: readonly Fields[];
    readonly others: readonly FieldSet[];
  },
  { key, retainKeys }: Extract<ListMerge, { by: 'key' }>,
  path: readonly string[],
): Fields {
  const field = path.at(-1) ?? '';
  const statesOf = (value: unknown): LiveStates => {
    const sameKey = (element: unknown): boolean => fieldOf(element, key) === value;
    const before = lists.before.filter(sameKey).reduce(unionOf, undefined);
    const steps = new Set(
      lists.others.flatMap(stepsOf).filter((step) => ownField(elementKeys(step), key) === value),
    );
    const others = [...steps].flatMap((step) => belowAll(lists.others, step));
    return { before, live: lists.live.find(sameKey), others };
  };
  const elements = lists.desired.map((desired) => {
    const states = statesOf(ownField(desired, key));
    if (states.live === undefined) return desired;
    const patch = patchFields(kind, { desired, ...states }, path);
    return retainKeys ? asUnion(patch, desired) : patch;
  });
  const wanted = new Set(lists.desired.map((element) => ownField(element, key)));
  const former = new Set(lists.before.map((element) => fieldOf(element, key)));
  const gone = [...former].filter((value) => value !== undefined && !wanted.has(value));
  const removed = gone.map((value) => {
    const states = statesOf(value);
    // Without its key an element would be another one.
    const rest = { [key]: value };
    const held = states.others.some((set) => stepsOf(set).some((step) => step !== `f:${key}`));
    return held
      ? { ...patchFields(kind, { desired: rest, ...states }, path) }
      : { $patch: 'delete', ...rest };
  });
  return {
    [field]: [...elements, ...removed],
    // Order counts where one element refers to another, as variables do.
    [`$setElementOrder/${field}`]: lists.desired.map((element) => ({ [key]: ownField(element, key) })),
  };
}

/** Names every member that stays; the API server refuses a patch that names others beside them, nulls included. */
function asUnion(patch: Fields, desired: Fields): Fields {
  const kept = Object.entries(patch).filter(
    ([field]) => field.startsWith('$') || field.includes('/') || Object.hasOwn(desired, field),
  );
  return { ...Object.fromEntries(kept), $retainKeys: Object.keys(desired) };
}

/** Whether every element can be named by the key, and no two by the same. */
function areKeyed(elements: readonly unknown[], key: string): elements is readonly Fields[] {
  const values = elements.map((element) => fieldOf(element, key));
  return !values.includes(undefined) && new Set(values).size === values.length;
}

function fieldOf(value: unknown, field: string): unknown {
  return isFields(value) ? ownField(value, field) : undefined;
}
