import { sameJson } from '../object/canonical.ts';
import { isFields } from '../object/check-manifest.ts';
import { lastApplied } from '../object/last-applied.ts';
import type { Manifest } from '../object/manifest.ts';
import {
  appliedEntry,
  belowField,
  elementKeys,
  type FieldSet,
  type Fields,
  isLeaf,
  stepsOf,
} from './field-set.ts';

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
  return {
    ...mergeMap(liveContent, content, contentBefore),
    apiVersion: desired.apiVersion,
    kind: desired.kind,
    metadata: mergeMap(liveMetadata, wanted, isFields(metadataBefore) ? metadataBefore : {}),
  };
}

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
    const inside = set[step];
    return keys === undefined ? [] : [{ ...objectOf(isFields(inside) ? inside : {}), ...keys }];
  });
  return elements.length > 0 ? elements : objectOf(set);
}

function mergeMap(live: Fields, desired: Fields, before: Fields): Fields {
  const merged: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(live), ...Object.keys(desired)])) {
    const value = mergeValue(name, live[name], desired[name], before[name]);
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

function mergeValue(name: string, live: unknown, desired: unknown, before: unknown): unknown {
  // A value that is null or an empty map asks for nothing that could be missed.
  if (desired === null || (isFields(desired) && Object.keys(desired).length === 0 && live === undefined)) {
    return live;
  }
  if (desired === undefined) return before === undefined ? live : undefined;
  if (isFields(desired) && isFields(live)) return mergeMap(live, desired, isFields(before) ? before : {});
  if (Array.isArray(desired) && Array.isArray(live)) {
    return mergeList(name, live, desired, Array.isArray(before) ? before : []);
  }
  return desired;
}

function mergeList(
  name: string,
  live: readonly unknown[],
  desired: readonly unknown[],
  before: readonly unknown[],
): unknown {
  const keys = (mergeKeys[name] ?? []).find(([first]) =>
    [...live, ...desired].every((element) => isFields(element) && element[first ?? ''] !== undefined),
  );
  if (keys === undefined) return mergeWhole(live, desired);
  const isSame = (left: unknown, right: unknown): boolean =>
    isFields(left) &&
    isFields(right) &&
    keys.every((key) => sameJson(left[key] ?? defaultOf(key), right[key] ?? defaultOf(key)));
  const kept = live.flatMap((element) => {
    const wanted = desired.find((candidate) => isSame(candidate, element));
    const former = before.find((candidate) => isSame(candidate, element));
    if (wanted === undefined) return former === undefined ? [element] : [];
    return [
      isFields(element) && isFields(wanted)
        ? mergeMap(element, wanted, isFields(former) ? former : {})
        : wanted,
    ];
  });
  return [...kept, ...desired.filter((element) => !live.some((candidate) => isSame(candidate, element)))];
}

function defaultOf(key: string): unknown {
  return key === 'protocol' ? 'TCP' : undefined;
}

/** A list that is one value: as desired, with the fields that the API server filled in where the length agrees. */
function mergeWhole(live: readonly unknown[], desired: readonly unknown[]): unknown[] {
  return desired.map((element, place) => {
    const current = live.length === desired.length ? live[place] : undefined;
    return isFields(element) && isFields(current) ? mergeMap(current, element, {}) : element;
  });
}
