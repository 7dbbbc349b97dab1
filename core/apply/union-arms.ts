import { isFields } from '../object/check-manifest.ts';
import { listMerge, objectMerge } from './merge-keys.ts';

/**
 * Whether a live object of a built-in kind has an arm of a union in place of which the manifest has another one: what
 * the API server filled in for the former arm (`rollingUpdate` of a strategy that is to be `Recreate`) belongs to
 * nobody, so server-side apply leaves it beside the new one.
 */
export function hasOtherArms(kind: string, desired: unknown, live: unknown): boolean {
  return differs(kind, desired, live, []);
}

function differs(kind: string, desired: unknown, live: unknown, path: readonly string[]): boolean {
  if (Array.isArray(desired)) return Array.isArray(live) && elementsDiffer(kind, desired, live, path);
  if (!isFields(desired) || !isFields(live)) return false;
  if (objectMerge(kind, path) === 'union' && lacksArm(desired, live)) return true;
  return Object.entries(desired).some(([name, value]) => differs(kind, value, live[name], [...path, name]));
}

function elementsDiffer(
  kind: string,
  desired: readonly unknown[],
  live: readonly unknown[],
  path: readonly string[],
): boolean {
  const merge = listMerge(kind, path);
  if (merge.by !== 'key') return false;
  const { key, retainKeys } = merge;
  return desired.some((element) => {
    if (!isFields(element)) return false;
    const current = live.find((one) => isFields(one) && one[key] === element[key]);
    if (!isFields(current)) return false;
    return (retainKeys === true && lacksArm(element, current)) || differs(kind, element, current, path);
  });
}

function lacksArm(desired: Readonly<Record<string, unknown>>, live: object): boolean {
  return Object.keys(live).some((name) => (desired[name] ?? undefined) === undefined);
}
