import type { HealthAssessor } from '../health/health.ts';
import { sameJson } from '../object/json/canonical.ts';
import { groupOf, type Manifest, type ObjectMetadata } from '../object/manifest/manifest.ts';
import { isBookkeeping } from './spec/spec-text.ts';

const kinds: ReadonlySet<string> = new Set(['Application', 'ApplicationSet', 'AppProject']);

/**
 * Whether an object of ours has changed only in what is observed of it: its status, requests that are taken up, marks in
 * which books are kept. That is never part of what Git says, so whoever has the object among its own has nothing to
 * compare: an application's status is written whenever one of its objects moves.
 */
export function isOwnUpdate(previous: Manifest, object: Manifest, assess: HealthAssessor): boolean {
  if (groupOf(object.apiVersion) !== 'argoproj.io' || !kinds.has(object.kind)) return false;
  if (!sameJson(decided(previous), decided(object))) return false;
  // A script of the settings may judge by the status, and what it says is shown.
  return sameJson(assess(previous) ?? null, assess(object) ?? null);
}

function decided({ metadata, status: _s, operation: _o, ...rest }: Manifest): unknown {
  const { resourceVersion: _r, generation: _g, managedFields: _m, annotations = {}, ...kept } = metadata;
  const others = Object.entries(annotations).filter(([name]) => !isBookkeeping(name));
  const decidedMetadata: ObjectMetadata = { ...kept, annotations: Object.fromEntries(others) };
  return { ...rest, metadata: decidedMetadata };
}
