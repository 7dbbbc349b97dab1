import { describe, expect, it } from 'vitest';
import { assessHealth, builtInKinds, crdRuleOf } from '../../core/health/assess.ts';
import { crdRules } from '../../core/health/crd/rules.ts';
import { groupOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { type HealthCase, readHealthCases } from './cases.ts';

const cases = readHealthCases();

/** Kinds with a rule: each name that is written out, and each glob as one. */
const ruledKinds: readonly string[] = [
  ...builtInKinds,
  ...crdRules
    .filter((rule) => rule.checks.length > 0)
    .flatMap((rule) => rule.kinds.map((kind) => `${rule.group}/${kind}`)),
];

function casesOf(ruled: string): HealthCase[] {
  if (!ruled.includes('*')) return cases.filter(({ object }) => titleOf(object) === ruled);
  return cases.filter(({ object }) => {
    const rule = crdRuleOf(groupOf(object.apiVersion), object.kind);
    return rule?.kinds.some((kind) => `${rule.group}/${kind}` === ruled);
  });
}

function titleOf(object: Manifest): string {
  return `${groupOf(object.apiVersion)}/${object.kind}`;
}

/** Every generation that a status speaks of, wherever it does; Rollouts write theirs as text. */
function generationsOf(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) =>
    name === 'observedGeneration' ? Number(child) : generationsOf(child),
  );
}

function isStale(found: HealthCase): boolean {
  const generation = found.object.metadata.generation ?? 0;
  return generationsOf(found.object['status']).some((observedGeneration) => observedGeneration < generation);
}

describe('test/conformance/health', () => {
  it.each(cases)('agrees with $name', ({ object, expected, kindFolder }) => {
    expect(kindFolder).toBe(`${groupOf(object.apiVersion) || 'core'}_${object.kind}`);
    const found = assessHealth(object);
    expect(found?.status ?? 'none', found?.message ?? '').toBe(expected.status);
    if (expected.message !== undefined) expect(found?.message).toBe(expected.message);
  });

  it('has at least 1500 cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(1500);
  });

  it.each(ruledKinds)('has three cases of %s and one without status', (ruled) => {
    const own = casesOf(ruled);
    expect(own.length).toBeGreaterThanOrEqual(3);
    expect(own.some(({ object }) => object['status'] === undefined)).toBe(true);
  });

  it.each(ruledKinds)('has a case of an older generation where %s observes it', (ruled) => {
    const own = casesOf(ruled);
    const rule = crdRules.find(({ group, kinds }) => kinds.some((kind) => `${group}/${kind}` === ruled));
    const observes =
      rule?.restsOn.includes('observedGeneration') ||
      own.some(({ object }) => generationsOf(object['status']).length > 0);
    expect(observes ? own.some(isStale) : true).toBe(true);
  });

  it('says of every case what it rests on and why', () => {
    const source = /^https:\/\/\S+$|^(status|spec|metadata)[.\w[\]/"=-]*$/;
    const unfounded = cases.filter(
      ({ expected }) => !source.test(expected.source) || !/^[A-Z].*\.$/s.test(expected.why),
    );
    expect(unfounded.map(({ name }) => name)).toEqual([]);
  });
});
