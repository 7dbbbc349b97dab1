import { canonicalJson, sameJson } from '../../object/json/canonical.ts';
import { isFields } from '../../object/manifest/check-manifest.ts';
import { ownField } from '../../own-field.ts';
import { isElement, mayBeElement } from './field-set.ts';

/** Positions in one list by those of the same element in the other. */
export type Pairs = ReadonlyMap<number, number>;

/**
 * Pairs the elements of a desired list with those of a live one by what names them: the keys that the owners of its
 * fields name (`k:{"name":"web"}`), else a field that tells all of them apart. Undefined where nothing does.
 */
export function pairByKeys(
  desired: readonly unknown[],
  live: readonly unknown[],
  steps: readonly string[],
): Pairs | undefined {
  const keyed = [...new Set(steps)].filter((step) => step.startsWith('k:'));
  if (keyed.length > 0) return pairBySteps(desired, live, keyed);
  const name = elementNames.find((candidate) => namesAll(desired, candidate) && namesAll(live, candidate));
  return name === undefined ? undefined : pairByName(desired, live, name);
}

function pairBySteps(desired: readonly unknown[], live: readonly unknown[], steps: readonly string[]): Pairs {
  const pairs = new Map<number, number>();
  for (const step of steps) {
    const from = desired.findIndex((element) => mayBeElement(step, element));
    const to = live.findIndex((element) => isElement(step, element));
    if (from >= 0 && to >= 0) pairs.set(from, to);
  }
  return pairs;
}

/** Fields that name an element among its neighbours, the most telling first. */
const elementNames = ['name', 'key', 'mountPath', 'containerPort', 'port', 'uid', 'ip', 'type', 'host'];

/** Whether every element has the field, and no two the same value. */
function namesAll(list: readonly unknown[], name: string): boolean {
  const values = list.map((element) => (isFields(element) ? ownField(element, name) : undefined));
  return !values.includes(undefined) && new Set(values.map(canonicalJson)).size === values.length;
}

function pairByName(desired: readonly unknown[], live: readonly unknown[], name: string): Pairs {
  const places = new Map(live.map((element, place) => [nameIn(element, name), place]));
  return new Map(
    desired.flatMap((element, place): [number, number][] => {
      const other = places.get(nameIn(element, name));
      return other === undefined ? [] : [[place, other]];
    }),
  );
}

function nameIn(element: unknown, name: string): string {
  return canonicalJson(isFields(element) ? ownField(element, name) : element);
}

/**
 * Pairs elements that nothing names by what they have in common: equal ones first, then as many as both lists have, the
 * likest first.
 */
export function pairByContent(desired: readonly unknown[], live: readonly unknown[]): Pairs {
  const pairs = pairEquals(desired, live);
  const taken = new Set(pairs.values());
  const from = [...desired.keys()].filter((place) => !pairs.has(place) && isFields(desired[place]));
  const to = [...live.keys()].filter((place) => !taken.has(place) && isFields(live[place]));
  const candidates = from
    .flatMap((one) =>
      to.map((other) => ({
        one,
        other,
        likeness: likeness(desired[one], live[other]),
        far: Math.abs(one - other),
      })),
    )
    .sort((a, b) => b.likeness - a.likeness || a.far - b.far);
  for (const { one, other } of candidates) {
    if (pairs.has(one) || taken.has(other)) continue;
    pairs.set(one, other);
    taken.add(other);
  }
  return pairs;
}

/** Pairs equal elements in their order. */
function pairEquals(desired: readonly unknown[], live: readonly unknown[]): Map<number, number> {
  const places = Map.groupBy(live.keys(), (place) => canonicalJson(live[place]));
  const pairs = new Map<number, number>();
  for (const [place, element] of desired.entries()) {
    const other = places.get(canonicalJson(element))?.shift();
    if (other !== undefined) pairs.set(place, other);
  }
  return pairs;
}

/** How many plain values two elements have in common, at the same places; lists count by position. */
function likeness(left: unknown, right: unknown): number {
  if (isFields(left) && isFields(right)) {
    return Object.keys(left).reduce(
      (sum, name) => sum + likeness(ownField(left, name), ownField(right, name)),
      0,
    );
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.reduce<number>((sum, element, place) => sum + likeness(element, right[place]), 0);
  }
  return sameJson(left, right) && left !== undefined ? 1 : 0;
}
