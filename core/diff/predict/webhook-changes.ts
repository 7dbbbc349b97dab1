import { sameJson } from '../../object/json/canonical.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField, setField } from '../../own-field.ts';
import {
  appliedEntry,
  belowAll,
  elementKeys,
  type FieldSet,
  type Fields,
  hasElements,
  isElement,
  isLeaf,
  stepsOf,
} from '../fields/field-set.ts';

/**
 * A predicted object without what admission webhooks changed beside the manifest: fields that differ from the live
 * object and that the manager owned neither before nor after the apply get their live value back.
 */
export function withoutWebhookChanges(predicted: Manifest, live: Manifest, manager: string): Manifest {
  const owned = [predicted, live]
    .map((object) => appliedEntry(object, manager)?.fields)
    .filter((set) => set !== undefined);
  const { apiVersion, kind, metadata, ...content } = predicted;
  const { apiVersion: _version, kind: _kind, metadata: liveMetadata, ...liveContent } = live;
  return {
    ...revertMap(content, liveContent, owned),
    apiVersion,
    kind,
    metadata: revertMap(metadata, liveMetadata, belowAll(owned, 'f:metadata')),
  };
}

function revertMap(predicted: Fields, live: Fields, owned: readonly FieldSet[]): Fields {
  const result: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(predicted), ...Object.keys(live)])) {
    const value = revertValue(ownField(predicted, name), ownField(live, name), belowAll(owned, `f:${name}`));
    if (value !== undefined) setField(result, name, value);
  }
  return result;
}

function revertValue(predicted: unknown, live: unknown, owned: readonly FieldSet[]): unknown {
  if (owned.length === 0 || sameJson(predicted, live)) return live;
  if (owned.some(isLeaf)) return predicted;
  if (isFields(predicted)) return revertMap(predicted, isFields(live) ? live : {}, owned);
  if (!Array.isArray(predicted) || !owned.every(hasElements)) return predicted;
  return revertList(predicted, Array.isArray(live) ? live : [], owned);
}

/** Elements that only a webhook added go, those that only it removed come back at the end. */
function revertList(
  predicted: readonly unknown[],
  live: readonly unknown[],
  owned: readonly FieldSet[],
): unknown[] {
  const steps = owned.flatMap(stepsOf);
  const sample = steps.map(elementKeys).find((keys) => keys !== undefined);
  const names = sample === undefined ? undefined : Object.keys(sample);
  const isSame = (left: unknown, right: unknown): boolean =>
    names === undefined || !isFields(left) || !isFields(right)
      ? sameJson(left, right)
      : names.every((name) => sameJson(ownField(left, name), ownField(right, name)));
  const isOwned = (element: unknown): boolean => steps.some((step) => isElement(step, element));
  const kept = predicted.flatMap((element) => {
    const before = live.find((candidate) => isSame(candidate, element));
    const step = steps.find((candidate) => isElement(candidate, element));
    const value = revertValue(element, before, step === undefined ? [] : belowAll(owned, step));
    return value === undefined ? [] : [value];
  });
  const removed = live.filter(
    (element) => !isOwned(element) && !predicted.some((candidate) => isSame(candidate, element)),
  );
  return [...kept, ...removed];
}
