import { sameJson } from '../../object/json/canonical.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import {
  appliedEntry,
  below,
  belowField,
  type FieldSet,
  type Fields,
  hasElements,
  isElement,
  isLeaf,
  mayBeElement,
  stepsOf,
} from '../fields/field-set.ts';
import { hasFormerManagers } from '../fields/former-fields.ts';

/** Fields of metadata that an apply carries without owning them. */
const unowned: ReadonlySet<string> = new Set(['name', 'namespace', 'creationTimestamp']);
/** Fields of metadata that make an apply mean something else, such as a precondition. */
const conditions: ReadonlySet<string> = new Set([
  'deletionTimestamp',
  'generateName',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/**
 * Proves, where it can, that applying a manifest again changes nothing: the manager has applied exactly these fields
 * in this version, and each still has its value. False means unknown, never different. The status is left out. No
 * schema is needed: the manager's own entry tells which lists are merged by key and which fields are one whole.
 */
export function provesEqual(
  desired: Manifest,
  live: Manifest,
  owner: { readonly manager: string; readonly formerManagers: readonly string[] },
): boolean {
  const entry = appliedEntry(live, owner.manager);
  if (entry === undefined || entry.apiVersion !== desired.apiVersion) return false;
  // The live object is held in one version only; field names of another one can't be compared.
  if (live.apiVersion !== desired.apiVersion || live.kind !== desired.kind) return false;
  // Their fields become ours at the next sync, which may remove some.
  if (hasFormerManagers(live, owner.formerManagers)) return false;
  const { apiVersion: _version, kind: _kind, status: _status, metadata, ...content } = desired;
  if (Object.keys(metadata).some((name) => conditions.has(name))) return false;
  const { 'f:metadata': ownedMetadata, 'f:status': _owned, ...owned } = entry.fields;
  return (
    metadataMatches(metadata, isFields(ownedMetadata) ? ownedMetadata : {}, live.metadata) &&
    mapMatches(content, owned, live)
  );
}

function metadataMatches(desired: Fields, owned: FieldSet, live: Fields): boolean {
  const kept = Object.entries(desired).filter(([name, value]) => {
    // An empty map of labels is no map for the API server.
    const empty = isFields(value) && Object.keys(value).length === 0 && ownField(live, name) === undefined;
    return !unowned.has(name) && !(empty && isLeaf(belowField(owned, name) ?? {}));
  });
  const names = new Set(kept.map(([name]) => `f:${name}`));
  const steps = Object.entries(owned).filter(([step, child]) => {
    const empty = isFields(child) && isLeaf(child) && ownField(live, step.slice(2)) === undefined;
    return names.has(step) || !empty;
  });
  return mapMatches(Object.fromEntries(kept), Object.fromEntries(steps), live);
}

/** Every desired field is owned and has its live value, and nothing else is owned. */
function mapMatches(desired: Fields, owned: FieldSet, live: Fields): boolean {
  const entries = Object.entries(desired);
  if (entries.length !== stepsOf(owned).length) return false;
  return entries.every(([name, value]) => {
    const set = belowField(owned, name);
    if (set === undefined) return false;
    // Pod templates made by programs carry this null, which the API server drops.
    if (value === null && name === 'creationTimestamp') return (live[name] ?? null) === null;
    return matches(value, set, ownField(live, name));
  });
}

function matches(desired: unknown, owned: FieldSet, live: unknown): boolean {
  if (isLeaf(owned)) return sameJson(desired, live) && live !== undefined;
  if (isFields(desired)) return isFields(live) && mapMatches(desired, owned, live);
  if (!Array.isArray(desired) || !Array.isArray(live) || !hasElements(owned)) return false;
  return listMatches(desired, owned, live);
}

/** The desired elements are the owned ones, and stand in the live list once each and in the same order. */
function listMatches(desired: readonly unknown[], owned: FieldSet, live: readonly unknown[]): boolean {
  const steps = stepsOf(owned);
  if (desired.length !== steps.length) return false;
  const taken = new Set<string>();
  let last = -1;
  for (const element of desired) {
    const [step, ...others] = steps.filter((candidate) => mayBeElement(candidate, element));
    if (step === undefined || others.length > 0 || taken.has(step)) return false;
    taken.add(step);
    const places = [...live.keys()].filter((place) => isElement(step, live[place]));
    const [place] = places;
    if (place === undefined || places.length > 1 || place <= last) return false;
    last = place;
    if (!matches(element, below(owned, step) ?? {}, live[place])) return false;
  }
  return true;
}
