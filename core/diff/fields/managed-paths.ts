import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';
import {
  below,
  type FieldSet,
  hasElements,
  isElement,
  isLeaf,
  mayBeElement,
  ownersOf,
  stepsOf,
} from './field-set.ts';
import type { Path } from './paths.ts';

/** The same fields in a live object and in another state of it. */
export type PathPair = { readonly live: readonly Path[]; readonly other: readonly Path[] };

/** Where the fields of some managers stand in a live object and in its other state. */
export function managedPaths(live: Manifest, other: Manifest, managers: readonly string[]): PathPair {
  const found: Found = { live: [], other: [] };
  for (const { manager, fields } of ownersOf(live)) {
    if (managers.includes(manager)) walkMap(fields, { live, other, livePath: [], otherPath: [] }, found);
  }
  return found;
}

type Found = { readonly live: Path[]; readonly other: Path[] };

/** One place in both states; a side that has nothing there is undefined. */
type Place = {
  readonly live: unknown;
  readonly other: unknown;
  readonly livePath: Path;
  readonly otherPath: Path;
};

function walkMap(set: FieldSet, place: Place, found: Found): void {
  for (const step of stepsOf(set)) {
    if (!step.startsWith('f:')) continue;
    const name = step.slice(2);
    walk(
      below(set, step) ?? {},
      {
        live: isFields(place.live) ? ownField(place.live, name) : undefined,
        other: isFields(place.other) ? ownField(place.other, name) : undefined,
        livePath: [...place.livePath, name],
        otherPath: [...place.otherPath, name],
      },
      found,
    );
  }
}

function walk(set: FieldSet, place: Place, found: Found): void {
  const { live, other, livePath, otherPath } = place;
  const onOneSide = live === undefined || other === undefined;
  // What holds the fields goes with them where the other side has nothing to hold.
  if (isLeaf(set) || (onOneSide && coversAll(set, live ?? other))) {
    if (live !== undefined) found.live.push(livePath);
    if (other !== undefined) found.other.push(otherPath);
    return;
  }
  if (!hasElements(set)) {
    walkMap(set, place, found);
    return;
  }
  for (const step of stepsOf(set)) walk(below(set, step) ?? {}, elementPlace(step, place), found);
}

function elementPlace(step: string, { live, other, livePath, otherPath }: Place): Place {
  const liveAt = placeOf(live, (element) => isElement(step, element));
  const otherAt = placeOf(other, (element) => mayBeElement(step, element));
  return {
    live: elementAt(live, liveAt),
    other: elementAt(other, otherAt),
    livePath: [...livePath, liveAt ?? -1],
    otherPath: [...otherPath, otherAt ?? -1],
  };
}

function placeOf(list: unknown, matches: (element: unknown) => boolean): number | undefined {
  const place = Array.isArray(list) ? list.findIndex(matches) : -1;
  return place < 0 ? undefined : place;
}

function elementAt(list: unknown, place: number | undefined): unknown {
  return Array.isArray(list) && place !== undefined ? list[place] : undefined;
}

/** Whether nothing is left of a value without the fields of a set. */
function coversAll(set: FieldSet, value: unknown): boolean {
  if (isLeaf(set)) return true;
  if (isFields(value)) {
    return Object.entries(value).every(([name, child]) => {
      const inside = below(set, `f:${name}`);
      return inside !== undefined && coversAll(inside, child);
    });
  }
  if (!Array.isArray(value)) return false;
  return value.every((element) => {
    const step = stepsOf(set).find((candidate) => isElement(candidate, element));
    return step !== undefined && coversAll(below(set, step) ?? {}, element);
  });
}
