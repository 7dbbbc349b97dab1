import { z } from 'zod';
import { lastAppliedAnnotation } from '../core/object/annotations.ts';

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
  from: readonly string[],
  to: string,
): Takeover | undefined {
  const entries = managedFields.map((entry) => ManagedFieldsEntry.parse(entry));
  const former = entries.filter((entry) => from.includes(entry.manager) && isDescription(entry));
  if (former.length === 0) return undefined;
  const own = entries.find((entry) => isMain(entry) && entry.manager === to && entry.operation === 'Apply');
  const newest = former.toSorted((a, b) => (a.time ?? '').localeCompare(b.time ?? '')).at(-1);
  const sources = own === undefined ? former : [own, ...former];
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
    managedFields: [merged, ...entries.filter((entry) => entry !== own && !former.includes(entry))],
    from: [...new Set(former.map((entry) => entry.manager))],
  };
}

/**
 * Whether an entry holds what somebody described in a manifest. Old releases of kubectl called every update of theirs
 * `kubectl`, manual edits too; an apply among those shows by the annotation it wrote.
 */
function isDescription(entry: ManagedFieldsEntry): boolean {
  if (!isMain(entry)) return false;
  if (entry.manager !== 'kubectl' || entry.operation === 'Apply') return true;
  return entry.fieldsV1?.['f:metadata']?.['f:annotations']?.[`f:${lastAppliedAnnotation}`] !== undefined;
}

function isMain(entry: ManagedFieldsEntry): boolean {
  return entry.subresource === undefined || entry.subresource === '';
}

function union(sets: readonly FieldSet[]): FieldSet {
  const merged: Record<string, FieldSet> = {};
  for (const set of sets) {
    for (const [path, below] of Object.entries(set)) {
      const known = merged[path];
      merged[path] = known === undefined ? below : union([known, below]);
    }
  }
  return merged;
}
