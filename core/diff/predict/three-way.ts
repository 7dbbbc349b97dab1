import { sameJson } from '../../object/json/canonical.ts';
import { lastApplied } from '../../object/last-applied.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField, setField } from '../../own-field.ts';
import {
  appliedEntry,
  belowField,
  elementKeys,
  type FieldSet,
  type Fields,
  isLeaf,
  stepsOf,
} from '../fields/field-set.ts';
import { isTyped, isZero } from '../rules/dropped-zeros.ts';

/** Fields by which the built-in kinds tell the elements of a list apart. */
const mergeKeys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  containers: [['name']],
  initContainers: [['name']],
  ephemeralContainers: [['name']],
  env: [['name']],
  volumes: [['name']],
  imagePullSecrets: [['name']],
  secrets: [['name']],
  resourceClaims: [['name']],
  ports: [
    ['containerPort', 'protocol'],
    ['port', 'protocol'],
  ],
  volumeMounts: [['mountPath']],
  volumeDevices: [['devicePath']],
  hostAliases: [['ip']],
  topologySpreadConstraints: [['topologyKey', 'whenUnsatisfiable']],
  ownerReferences: [['uid']],
};

/**
 * What a sync would make of a live object, as far as can be told without the API server: desired values over live
 * ones, less what was wanted before and is not any more. That comes from `last-applied-configuration`, or from what
 * the manager applied. It knows no defaults, no admission and no conversion.
 */
export function predictLocally(desired: Manifest, live: Manifest, manager: string): Manifest {
  const before = previousOf(live, manager);
  const { status: _, metadata, ...content } = desired;
  const { metadata: liveMetadata, ...liveContent } = live;
  const { metadata: metadataBefore, ...contentBefore } = before;
  const { managedFields: _managed, ...wanted } = metadata;
  const merge: Merge = { isTyped: isTyped(desired) };
  return {
    ...mergeMap(liveContent, content, contentBefore, merge),
    apiVersion: desired.apiVersion,
    kind: desired.kind,
    metadata: mergeMap(liveMetadata, wanted, isFields(metadataBefore) ? metadataBefore : {}, {
      ...merge,
      shared: sharedMaps,
    }),
  };
}

/** What decides a merge beside the three states. */
type Merge = {
  /** Whether the API server reads the kind into types, which have no empty lists. */
  readonly isTyped: boolean;
  /** Maps to which anybody adds names, so that those of others survive when ours all go. */
  readonly shared?: ReadonlySet<string>;
};

const sharedMaps: ReadonlySet<string> = new Set(['annotations', 'labels']);

/** What was wanted before, as an object whose values don't count. */
function previousOf(live: Manifest, manager: string): Fields {
  const own = appliedEntry(live, manager);
  if (own !== undefined) return objectOf(own.fields);
  return lastApplied(live) ?? {};
}

/** A set of fields as an object that has them; elements have their keys, whole values are `true`. */
function objectOf(set: FieldSet): Fields {
  const entries = stepsOf(set).flatMap((step): [string, unknown][] =>
    step.startsWith('f:') ? [[step.slice(2), ownedValue(belowField(set, step.slice(2)) ?? {})]] : [],
  );
  return Object.fromEntries(entries);
}

function ownedValue(set: FieldSet): unknown {
  if (isLeaf(set)) return true;
  const elements = stepsOf(set).flatMap((step) => {
    const keys = elementKeys(step);
    const inside = ownField(set, step);
    return keys === undefined ? [] : [{ ...objectOf(isFields(inside) ? inside : {}), ...keys }];
  });
  return elements.length > 0 ? elements : objectOf(set);
}

function mergeMap(live: Fields, desired: Fields, before: Fields, { shared, ...merge }: Merge): Fields {
  const merged: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(live), ...Object.keys(desired)])) {
    const value =
      ownField(desired, name) === undefined && shared?.has(name)
        ? withoutFormer(ownField(live, name), ownField(before, name))
        : mergeValue(
            name,
            { live: ownField(live, name), desired: ownField(desired, name), before: ownField(before, name) },
            merge,
          );
    if (value !== undefined) setField(merged, name, value);
  }
  return merged;
}

/** A shared map of which nothing is desired any more: only what was wanted before goes. */
function withoutFormer(live: unknown, before: unknown): unknown {
  if (!isFields(live) || !isFields(before)) return live;
  const kept = Object.entries(live).filter(([name]) => ownField(before, name) === undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

type States = { readonly live: unknown; readonly desired: unknown; readonly before: unknown };

function mergeValue(name: string, { live, desired, before }: States, merge: Merge): unknown {
  if (live === undefined && asksForNothing(desired, before, merge)) return undefined;
  if (desired === null) return live;
  if (desired === undefined) return before === undefined ? live : undefined;
  if (isFields(desired) && isFields(live)) {
    return mergeMap(live, desired, isFields(before) ? before : {}, merge);
  }
  if (Array.isArray(desired) && Array.isArray(live)) {
    return mergeList(name, { live, desired, before: Array.isArray(before) ? before : [] }, merge);
  }
  return desired;
}

/**
 * Whether a value that the live object lacks is missed by nobody: null, an empty map, an empty list of a known kind,
 * and an empty value that was written before. The API server drops such, or it would be there.
 */
function asksForNothing(desired: unknown, before: unknown, { isTyped: typed }: Merge): boolean {
  if (desired === null || (isFields(desired) && Object.keys(desired).length === 0)) return true;
  if (Array.isArray(desired)) return desired.length === 0 && (typed || before !== undefined);
  return before !== undefined && isZero(desired);
}

type Lists = {
  readonly live: readonly unknown[];
  readonly desired: readonly unknown[];
  readonly before: readonly unknown[];
};

function mergeList(name: string, { live, desired, before }: Lists, merge: Merge): unknown {
  const keys = (ownField(mergeKeys, name) ?? []).find(([first]) =>
    [...live, ...desired].every(
      (element) => isFields(element) && ownField(element, first ?? '') !== undefined,
    ),
  );
  if (keys === undefined) return mergeWhole(live, desired, merge);
  const isSame = (left: unknown, right: unknown): boolean =>
    isFields(left) &&
    isFields(right) &&
    keys.every((key) =>
      sameJson(ownField(left, key) ?? defaultOf(key), ownField(right, key) ?? defaultOf(key)),
    );
  const kept = live.flatMap((element) => {
    const wanted = desired.find((candidate) => isSame(candidate, element));
    const former = before.find((candidate) => isSame(candidate, element));
    if (wanted === undefined) return former === undefined ? [element] : [];
    if (!isFields(element) || !isFields(wanted)) return [wanted];
    return [mergeMap(element, wanted, isFields(former) ? withoutKeys(former, keys) : {}, merge)];
  });
  return [...kept, ...desired.filter((element) => !live.some((candidate) => isSame(candidate, element)))];
}

/** Keys name an element and are no fields that anybody asked for: one that has a default stays unsaid. */
function withoutKeys(former: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(former).filter(([name]) => !keys.includes(name)));
}

function defaultOf(key: string): unknown {
  return key === 'protocol' ? 'TCP' : undefined;
}

/** A list that is one value: as desired, with the fields that the API server filled in where the length agrees. */
function mergeWhole(live: readonly unknown[], desired: readonly unknown[], merge: Merge): unknown[] {
  return desired.map((element, place) => {
    const current = live.length === desired.length ? live[place] : undefined;
    return isFields(element) && isFields(current) ? mergeMap(current, element, {}, merge) : element;
  });
}
