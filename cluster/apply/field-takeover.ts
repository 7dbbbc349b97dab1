import { z } from 'zod';
import { type FormerOwners, isFormer } from '../../core/diff/fields/former-fields.ts';
import { ownField, setField } from '../../core/own-field.ts';

const FieldSet: z.ZodType<FieldSet> = z.record(
  z.string(),
  z.lazy(() => FieldSet),
);
type FieldSet = { readonly [path: string]: FieldSet };

const ManagedFieldsEntry = z.looseObject({
  manager: z.string(),
  operation: z.enum(['Apply', 'Update']),
  apiVersion: z.string(),
  subresource: z.string().optional(),
  fieldsType: z.string().optional(),
  fieldsV1: FieldSet.optional(),
  time: z.string().optional(),
});
/** Which fields of an object one manager set, in one way. */
export type ManagedFieldsEntry = z.infer<typeof ManagedFieldsEntry>;

/** An object's owners of fields after a take-over, and who had the fields before. */
export type Takeover = { readonly managedFields: ManagedFieldsEntry[]; readonly from: readonly string[] };

/**
 * Hands the fields of former managers to another one as if it had applied them, so that a field missing from its
 * next apply leaves the object. Entries of subresources (scale, status) stay: they are other people's current work.
 * Undefined when no former manager has an entry.
 */
export function takeOverManagers(
  managedFields: readonly unknown[],
  former: FormerOwners,
  to: string,
): Takeover | undefined {
  const entries = managedFields.map((entry) => ManagedFieldsEntry.parse(entry));
  const given = entries.filter((entry) => isOf(entry, former));
  if (given.length === 0) return undefined;
  const own = ownEntry(entries, to);
  const newest = given.toSorted((a, b) => (a.time ?? '').localeCompare(b.time ?? '')).at(-1);
  const sources = own === undefined ? given : [own, ...given];
  const merged: ManagedFieldsEntry = {
    manager: to,
    operation: 'Apply',
    // An object has one Apply entry per manager whatever the version; the fields are kept as they are.
    apiVersion: own?.apiVersion ?? newest?.apiVersion ?? '',
    ...(newest?.time === undefined ? {} : { time: newest.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: union(sources.map((entry) => entry.fieldsV1 ?? {})),
  };
  return {
    managedFields: [merged, ...entries.filter((entry) => entry !== own && !given.includes(entry))],
    from: [...new Set(given.map((entry) => entry.manager))],
  };
}

/**
 * Takes from former managers only what the heir has applied as well. Nothing can leave the object by that, and what
 * leaves Git later leaves the object too. Undefined when they share nothing.
 */
export function takeOverShared(
  managedFields: readonly unknown[],
  former: FormerOwners,
  to: string,
): Takeover | undefined {
  const entries = managedFields.map((entry) => ManagedFieldsEntry.parse(entry));
  const applied = ownEntry(entries, to)?.fieldsV1 ?? {};
  const from = new Set<string>();
  const kept = entries.flatMap((entry) => {
    if (!isOf(entry, former)) return [entry];
    const { fieldsV1 = {} } = entry;
    const rest = without(fieldsV1, applied);
    if (rest === fieldsV1) return [entry];
    from.add(entry.manager);
    return rest === undefined ? [] : [{ ...entry, fieldsV1: rest }];
  });
  return from.size === 0 ? undefined : { managedFields: kept, from: [...from] };
}

/** Entries of versions that the cluster doesn't serve any more, moved to one that it does; undefined where none is. */
export function moveVersions(
  managedFields: readonly unknown[],
  isServed: (apiVersion: string) => boolean,
  served: string,
): ManagedFieldsEntry[] | undefined {
  const entries = managedFields.map((entry) => ManagedFieldsEntry.parse(entry));
  if (entries.every((entry) => isServed(entry.apiVersion))) return undefined;
  const moved = new Map<string, ManagedFieldsEntry>();
  for (const entry of entries) {
    const apiVersion = isServed(entry.apiVersion) ? entry.apiVersion : served;
    // What a manager did in one way in both versions becomes one entry.
    const id = [entry.manager, entry.operation, apiVersion, entry.subresource ?? ''].join('\n');
    const other = moved.get(id);
    const fieldsV1 = union([other?.fieldsV1 ?? {}, entry.fieldsV1 ?? {}]);
    moved.set(id, { ...entry, ...other, apiVersion, fieldsV1 });
  }
  return [...moved.values()];
}

function ownEntry(entries: readonly ManagedFieldsEntry[], to: string): ManagedFieldsEntry | undefined {
  return entries.find(
    ({ manager, operation, subresource = '' }) =>
      manager === to && operation === 'Apply' && subresource === '',
  );
}

function isOf(entry: ManagedFieldsEntry, former: FormerOwners): boolean {
  const { subresource = '', fieldsV1 = {} } = entry;
  return isFormer({ ...entry, subresource, fields: fieldsV1 }, former);
}

function union(sets: readonly FieldSet[]): FieldSet {
  const merged: Record<string, FieldSet> = {};
  for (const set of sets) {
    for (const [path, below] of Object.entries(set)) {
      const known = ownField(merged, path);
      setField(merged, path, known === undefined ? below : union([known, below]));
    }
  }
  return merged;
}

/** What a set has and another one doesn't; the set itself where they share nothing, undefined where nothing is left. */
function without(set: FieldSet, other: FieldSet): FieldSet | undefined {
  const kept: Record<string, FieldSet> = {};
  let changed = false;
  for (const [step, below] of Object.entries(set)) {
    const theirs = ownField(other, step);
    const rest = theirs === undefined ? below : restOf(below, theirs);
    if (rest !== below) changed = true;
    if (rest !== undefined) setField(kept, step, rest);
  }
  if (!changed) return set;
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function restOf(below: FieldSet, theirs: FieldSet): FieldSet | undefined {
  // Owned as a whole by the one side: whatever the other one names inside is the same value.
  if (Object.keys(below).length === 0 || Object.keys(theirs).length === 0) return undefined;
  return without(below, theirs);
}
