import { sameJson } from '../../object/json/canonical.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField, setField } from '../../own-field.ts';
import type { Fields } from '../fields/field-set.ts';

/**
 * A prediction with the removals that a takeover of former managers brings: where `pruned` lacks something of the
 * live object, the value counts that the API server leaves or fills in there (`settled`).
 */
export function carryRemovals(
  predicted: Manifest,
  states: { readonly live: Manifest; readonly pruned: Manifest; readonly settled: Manifest },
): Manifest {
  const { apiVersion, kind } = predicted;
  const metadata = carryMap(predicted.metadata, {
    live: states.live.metadata,
    pruned: states.pruned.metadata,
    settled: states.settled.metadata,
  });
  return { ...carryMap(predicted, states), apiVersion, kind, metadata };
}

type States<T> = { readonly live: T; readonly pruned: T; readonly settled: unknown };

function carryMap(predicted: Fields, { live, pruned, settled }: States<Fields>): Fields {
  const result: Record<string, unknown> = { ...predicted };
  for (const [name, value] of Object.entries(live)) {
    if (ownField(pruned, name) === value) continue;
    const left = isFields(settled) ? ownField(settled, name) : undefined;
    const next =
      ownField(pruned, name) === undefined
        ? left
        : carryValue(ownField(predicted, name), {
            live: value,
            pruned: ownField(pruned, name),
            settled: left,
          });
    if (next === undefined) delete result[name];
    else setField(result, name, next);
  }
  return result;
}

function carryValue(predicted: unknown, states: States<unknown>): unknown {
  const { live, pruned, settled } = states;
  if (isFields(predicted) && isFields(live) && isFields(pruned)) {
    return carryMap(predicted, { live, pruned, settled });
  }
  if (!Array.isArray(predicted) || !Array.isArray(live) || !Array.isArray(pruned)) return predicted;
  if (sameJson(predicted, live)) return settled;
  // The manifest changes the list too: the object differs either way, so only whole elements are taken out.
  const kept = new Set<unknown>(pruned);
  return predicted.filter(
    (element) => !live.some((former) => !kept.has(former) && sameJson(former, element)),
  );
}
