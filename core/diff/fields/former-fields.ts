import { lastAppliedAnnotation } from '../../object/annotations.ts';
import { keelsonManager, ownFormerManagers } from '../../object/managers.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import {
  below,
  belowAll,
  elementKeys,
  type FieldSet,
  type Fields,
  hasElements,
  isElement,
  isLeaf,
  mayBeElement,
  type OwnerEntry,
  ownersOf,
  stepsOf,
} from './field-set.ts';

/** Whose fields a sync takes over. */
export type FormerOwners = {
  readonly formerManagers: readonly string[];
  /** Only fields that a manifest is known to have had: an apply tells so, a creation by hand doesn't. */
  readonly declaredOnly?: boolean | undefined;
};

/** Whether an entry belongs to the object itself and holds what a former manager wrote from a manifest. */
export function isFormer(entry: OwnerEntry, { formerManagers, declaredOnly }: FormerOwners): boolean {
  if (entry.subresource !== '' || !formerManagers.includes(entry.manager)) return false;
  // What we applied is ours already; what we created as a hook becomes ours like that of others.
  if (entry.manager === keelsonManager) return entry.operation !== 'Apply';
  if (entry.operation === 'Apply' || wroteLastApplied(entry.fields)) return true;
  // Old releases of kubectl called every update of theirs so, manual edits too.
  if (entry.manager === 'kubectl') return false;
  return declaredOnly !== true || ownFormerManagers.includes(entry.manager);
}

function wroteLastApplied(fields: FieldSet): boolean {
  return (
    below(below(below(fields, 'f:metadata'), 'f:annotations'), `f:${lastAppliedAnnotation}`) !== undefined
  );
}

/**
 * The live object as it is once the fields of former managers are ours and those that the manifest doesn't have are
 * gone; undefined when no field goes. Fields that anybody else owns stay. What the API server fills in again by
 * default is missing here: it has to be asked.
 */
export function withoutFormerFields(
  desired: Manifest,
  live: Manifest,
  owner: FormerOwners & { readonly manager: string },
): Manifest | undefined {
  const owners = ownersOf(live);
  const former = owners.filter((one) => isFormer(one, owner)).map(({ fields }) => fields);
  if (former.length === 0) return undefined;
  // What we applied before and what they own goes by the same rule, so ours doesn't hold a field either.
  const others = owners
    .filter((one) => !isFormer(one, owner) && !(one.manager === owner.manager && one.operation === 'Apply'))
    .map(({ fields }) => fields);
  const { apiVersion, kind, metadata, status: _, ...content } = desired;
  const { apiVersion: _version, kind: _kind, metadata: liveMetadata, status, ...liveContent } = live;
  const kept = pruneMap(liveContent, content, former.map(withoutServerFields), others);
  const { name: _name, namespace: _namespace, ...labels } = metadata;
  const keptMetadata = pruneMap(
    liveMetadata,
    labels,
    belowAll(former, 'f:metadata'),
    belowAll(others, 'f:metadata'),
  );
  if (kept === liveContent && keptMetadata === liveMetadata) return undefined;
  return {
    ...kept,
    apiVersion,
    kind,
    metadata: keptMetadata,
    ...(status === undefined ? {} : { status }),
  };
}

function withoutServerFields(set: FieldSet): FieldSet {
  const { 'f:metadata': _metadata, 'f:status': _status, ...kept } = set;
  return kept;
}

/** Tells "goes" from every JSON value. */
const gone = Symbol('gone');

function pruneMap(
  live: Fields,
  desired: Fields,
  former: readonly FieldSet[],
  others: readonly FieldSet[],
): Fields {
  let kept = live;
  for (const [name, value] of Object.entries(live)) {
    const theirs = belowAll(former, `f:${name}`);
    if (theirs.length === 0) continue;
    const next = pruneValue(value, ownField(desired, name), theirs, belowAll(others, `f:${name}`));
    if (next === value) continue;
    const { [name]: _, ...rest } = kept;
    kept = next === gone ? rest : { ...rest, [name]: next };
  }
  return kept;
}

function pruneValue(
  live: unknown,
  desired: unknown,
  former: readonly FieldSet[],
  others: readonly FieldSet[],
): unknown {
  if (desired === undefined && others.length === 0) return gone;
  // Owned as a whole, by us after the next sync or by somebody else.
  if (former.every(isLeaf) || others.some(isLeaf)) return live;
  if (isFields(live)) return pruneMap(live, isFields(desired) ? desired : {}, former, others);
  if (!Array.isArray(live) || !former.some(hasElements)) return live;
  const wanted: readonly unknown[] = Array.isArray(desired) ? desired : [];
  const kept = live.map((element) => pruneElement(element, wanted, former, others));
  if (kept.every((element, place) => element === live[place])) return live;
  return kept.filter((element) => element !== gone);
}

function pruneElement(
  element: unknown,
  wanted: readonly unknown[],
  former: readonly FieldSet[],
  others: readonly FieldSet[],
): unknown {
  const step = former.flatMap(stepsOf).find((candidate) => isElement(candidate, element));
  if (step === undefined) return element;
  const match = wanted.find((candidate) => mayBeElement(step, candidate));
  const kept = pruneValue(element, match, belowAll(former, step), belowAll(others, step));
  if (kept === element || kept === gone || !isFields(kept)) return kept;
  // Keys stay whoever owns them: without them the element would be another one.
  return { ...kept, ...elementKeys(step) };
}

/** Whether a former manager owns anything of the object itself, so that a sync takes fields over. */
export function hasFormerManagers(live: Manifest, formerManagers: readonly string[]): boolean {
  return ownersOf(live).some((one) => isFormer(one, { formerManagers }));
}
