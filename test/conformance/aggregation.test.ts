import { describe, expect, it } from 'vitest';
import { aggregateHealth, isIgnoredInHealth, isOutsideHealth } from '../../core/health/aggregate.ts';
import { assessHealth } from '../../core/health/assess.ts';
import { keyOf } from '../../core/object/manifest/manifest.ts';
import { readAggregationCases } from './cases.ts';

const cases = readAggregationCases();

describe('test/conformance/aggregation', () => {
  it.each(cases)('agrees with $name', ({ objects, expected }) => {
    const facts = objects
      .filter(({ object }) => !isOutsideHealth(object))
      .map(({ object, live }) => ({
        key: keyOf(object),
        exists: live,
        health: live ? assessHealth(object) : undefined,
        ignored: live && isIgnoredInHealth(object),
      }));
    const found = aggregateHealth(facts);
    expect(found.status, found.message ?? '').toBe(expected.status);
    if (expected.message !== undefined) expect(found.message ?? '').toBe(expected.message);
  });

  it('has at least 15 cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(15);
  });
});
