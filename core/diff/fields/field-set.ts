import { sameJson } from '../../object/json/canonical.ts';
import { parseJson } from '../../object/json/json.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Fields as `managedFields` writes them: a tree of steps `f:name` (field), `k:{"name":"web"}` (list element by its
 * keys) and `v:"a"` (element of a set); `.` says that the place itself is owned. A step with nothing below it is owned
 * as a whole.
 */
export type FieldSet = Fields;

/** What one manager owns of an object, by one way of writing. */
export type OwnerEntry = {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly fields: FieldSet;
};

/** The owners of a live object's fields; entries that can't be read are left out. */
export function ownersOf(live: Manifest): OwnerEntry[] {
  return (live.metadata.managedFields ?? []).flatMap((entry) => ownerOf(entry) ?? []);
}

/** One entry of `managedFields`; undefined for what can't be read. */
export function ownerOf(entry: unknown): OwnerEntry | undefined {
  if (!isFields(entry) || !isFields(entry['fieldsV1'])) return undefined;
  const { manager, operation, apiVersion, subresource } = entry;
  return {
    manager: typeof manager === 'string' ? manager : '',
    operation: typeof operation === 'string' ? operation : '',
    apiVersion: typeof apiVersion === 'string' ? apiVersion : '',
    subresource: typeof subresource === 'string' ? subresource : '',
    fields: entry['fieldsV1'],
  };
}

/** The fields that a manager applied to the object itself, if it ever did. */
export function appliedEntry(live: Manifest, manager: string): OwnerEntry | undefined {
  return ownersOf(live).find(
    (entry) => entry.manager === manager && entry.operation === 'Apply' && entry.subresource === '',
  );
}

/** The set below a step. */
export function below(set: FieldSet | undefined, step: string): FieldSet | undefined {
  const child = ownField(set, step);
  return isFields(child) ? child : undefined;
}

/** The sets below a step, of those sets that have it. */
export function belowAll(sets: readonly FieldSet[], step: string): FieldSet[] {
  return sets.map((set) => below(set, step)).filter((set) => set !== undefined);
}

/** The set below a field. */
export function belowField(set: FieldSet | undefined, name: string): FieldSet | undefined {
  return below(set, `f:${name}`);
}

/** The steps of a set other than the mark of the place itself. */
export function stepsOf(set: FieldSet): string[] {
  return Object.keys(set).filter((step) => step !== '.');
}

/** Whether a place is owned as a whole: a plain value, or a map or list that the server never merges. */
export function isLeaf(set: FieldSet): boolean {
  return stepsOf(set).length === 0;
}

/** Whether a set stands at a list whose elements are merged one by one. */
export function hasElements(set: FieldSet): boolean {
  const steps = stepsOf(set);
  return steps.length > 0 && steps.every((step) => step.startsWith('k:') || step.startsWith('v:'));
}

/** The key fields of a `k:` step; undefined for other steps. */
export function elementKeys(step: string): Fields | undefined {
  const keys = step.startsWith('k:') ? parsed(step.slice(2)) : undefined;
  return isFields(keys) ? keys : undefined;
}

/** Whether a list element is the one that a step names, by all its keys or by its value. */
export function isElement(step: string, element: unknown): boolean {
  if (step.startsWith('v:')) return sameJson(parsed(step.slice(2)), element);
  const keys = elementKeys(step);
  if (keys === undefined || !isFields(element)) return false;
  return Object.entries(keys).every(([name, value]) => sameJson(ownField(element, name), value));
}

/** The same for an element of a manifest, which may leave out keys that have a default. */
export function mayBeElement(step: string, element: unknown): boolean {
  if (step.startsWith('v:')) return isElement(step, element);
  const keys = elementKeys(step);
  if (keys === undefined || !isFields(element)) return false;
  return Object.entries(keys).every(
    ([name, value]) => ownField(element, name) === undefined || sameJson(ownField(element, name), value),
  );
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // Safe: a step of an unknown form matches nothing.
    return undefined;
  }
}
