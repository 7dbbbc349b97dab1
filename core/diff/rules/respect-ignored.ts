import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField, setField } from '../../own-field.ts';
import { belowAll, type FieldSet, type Fields, isElement, ownersOf, stepsOf } from '../fields/field-set.ts';
import { managedPaths } from '../fields/managed-paths.ts';
import { pairByContent, pairByKeys } from '../fields/pair-elements.ts';
import type { Path } from '../fields/paths.ts';
import { pointerPaths } from './normalize.ts';
import type { ObjectRules } from './rules.ts';

/** What jq expressions select in both states of an object. */
export type JqPaths = { readonly desired: readonly Path[]; readonly live: readonly Path[] };

/**
 * A desired object in which every ignored field has its live value, so that writing it leaves those fields alone. A
 * field that the live object lacks is left out. Elements of lists are told apart by their keys, else by what is not
 * ignored in them. The object's identity and status are never taken over.
 */
export function respectIgnored(
  desired: Manifest,
  live: Manifest,
  rules: ObjectRules,
  jq: JqPaths = { desired: [], live: [] },
): Manifest {
  return blendIgnored(desired, live, rules, jq) ?? desired;
}

/** The same; undefined where nothing of either state is ignored that a write could change. */
export function blendIgnored(
  desired: Manifest,
  live: Manifest,
  rules: ObjectRules,
  jq: JqPaths,
): Manifest | undefined {
  const { inDesired, inLive } = ignoredPaths(desired, live, rules, jq);
  if (inDesired.length === 0 && inLive.length === 0) return undefined;
  const { apiVersion, kind, metadata } = desired;
  const place = { inDesired: marksOf(inDesired), inLive: marksOf(inLive), sets: setsOf(live) };
  // Neither apiVersion and kind nor the whole metadata can be marked.
  return {
    ...blendMap(desired, live, place),
    apiVersion,
    kind,
    metadata: blendMetadata(metadata, live, place),
  };
}

function ignoredPaths(desired: Manifest, live: Manifest, rules: ObjectRules, jq: JqPaths) {
  const managed = managedPaths(live, desired, rules.managers);
  return {
    inDesired: [...managed.other, ...pointerPaths(desired, rules), ...jq.desired].filter(isContent),
    inLive: [...managed.live, ...pointerPaths(live, rules), ...jq.live].filter(isContent),
  };
}

function blendMetadata(desired: Manifest['metadata'], live: Manifest, place: Place): Manifest['metadata'] {
  return blendMap(desired, live.metadata, belowName(place, 'metadata'));
}

/** Fields of metadata that may be taken from a live object; the others are the API server's. */
const metadataFields: ReadonlySet<string | number> = new Set([
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
]);

function isContent(path: Path): boolean {
  const [first, second] = path;
  if (first === undefined || first === 'apiVersion' || first === 'kind' || first === 'status') return false;
  return first !== 'metadata' || (second !== undefined && metadataFields.has(second));
}

/** Which places at and below this one are ignored. */
type Marks = { readonly whole: boolean; readonly below: ReadonlyMap<string | number, Marks> };

function marksOf(paths: readonly Path[]): Marks | undefined {
  if (paths.length === 0) return undefined;
  const groups = new Map<string | number, Path[]>();
  for (const [step, ...rest] of paths) {
    if (step !== undefined) groups.set(step, [...(groups.get(step) ?? []), rest]);
  }
  const below = [...groups].flatMap(([step, rests]): [string | number, Marks][] => {
    const marks = marksOf(rests);
    return marks === undefined ? [] : [[step, marks]];
  });
  return { whole: paths.some((path) => path.length === 0), below: new Map(below) };
}

function setsOf(live: Manifest): FieldSet[] {
  return ownersOf(live).map(({ fields }) => fields);
}

/** One place in both states: what is ignored there, and whose fields tell the elements of its lists apart. */
type Place = {
  readonly inDesired: Marks | undefined;
  readonly inLive: Marks | undefined;
  readonly sets: readonly FieldSet[];
};

function belowName({ inDesired, inLive, sets }: Place, name: string): Place {
  return {
    inDesired: inDesired?.below.get(name),
    inLive: inLive?.below.get(name),
    sets: belowAll(sets, `f:${name}`),
  };
}

/** The value to write; undefined where nothing is written, or where that side has nothing. */
function blend(desired: unknown, live: unknown, place: Place): unknown {
  const { inDesired, inLive } = place;
  if (inDesired === undefined && inLive === undefined) return desired;
  if (inDesired?.whole || inLive?.whole) return live;
  const present = desired ?? live;
  if (isFields(present)) {
    const fields = blendMap(fieldsOf(desired), fieldsOf(live), place);
    return isFields(desired) || Object.keys(fields).length > 0 ? fields : desired;
  }
  if (!Array.isArray(present)) return desired;
  const list = blendList(listOf(desired), listOf(live), place);
  // A list that only the live object has is written for what is ignored in it, and not as an empty one.
  return Array.isArray(desired) || list.length > 0 ? list : desired;
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function blendMap<T extends Fields>(desired: T, live: Fields, place: Place): T;
function blendMap(desired: Fields, live: Fields, place: Place): Fields {
  const result: Record<string, unknown> = {};
  const marked = [...(place.inLive?.below.keys() ?? [])].filter((step) => typeof step === 'string');
  for (const name of new Set([...Object.keys(desired), ...marked])) {
    const value = blend(ownField(desired, name), ownField(live, name), belowName(place, name));
    if (value !== undefined) setField(result, name, value);
  }
  return result;
}

function blendList(desired: readonly unknown[], live: readonly unknown[], place: Place): unknown[] {
  const { inDesired, inLive, sets } = place;
  const pairs =
    pairByKeys(desired, live, sets.flatMap(stepsOf)) ??
    pairByContent(bareElements(desired, inDesired), bareElements(live, inLive));
  const blended = desired.flatMap((element, position): unknown[] => {
    const partner = pairs.get(position);
    const current = partner === undefined ? undefined : live[partner];
    const value = blend(element, current, {
      inDesired: inDesired?.below.get(position),
      inLive: partner === undefined ? undefined : inLive?.below.get(partner),
      sets: elementSets(sets, current),
    });
    return value === undefined ? [] : [value];
  });
  const paired = new Set(pairs.values());
  // An element that is ignored as a whole comes back where it stood.
  for (const [position, element] of live.entries()) {
    if (paired.has(position) || inLive?.below.get(position)?.whole !== true) continue;
    blended.splice(Math.min(position, blended.length), 0, element);
  }
  return blended;
}

/** The elements without what is ignored in them; those that are ignored as a whole are alike. */
function bareElements(list: readonly unknown[], marks: Marks | undefined): readonly unknown[] {
  return list.map((element, position): unknown => {
    const inDesired = marks?.below.get(position);
    return blend(element, undefined, { inDesired, inLive: undefined, sets: [] });
  });
}

function elementSets(sets: readonly FieldSet[], element: unknown): readonly FieldSet[] {
  if (element === undefined) return [];
  const steps = new Set(sets.flatMap(stepsOf));
  return [...steps].filter((step) => isElement(step, element)).flatMap((step) => belowAll(sets, step));
}
