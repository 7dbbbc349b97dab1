import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePatch } from './merge-patch.ts';

/** RFC 7396, as an API server carries it out. */
function applied(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = applied(result[field], value);
  }
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const { fields } = fc.letrec<{ fields: Record<string, unknown>; value: unknown }>((tie) => ({
  fields: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.constantFrom('x', 'y'),
    fc.array(fc.integer()),
    tie('fields'),
  ),
}));

describe('core/apply/merge-patch', () => {
  it('sets what is desired, removes what was written before, and leaves the rest', () => {
    const before = { spec: { size: 1, mode: 'old', nested: { a: 1 } } };
    const live = { spec: { size: 1, mode: 'old', nested: { a: 1, theirs: 2 }, theirs: true } };
    const patch = mergePatch({ spec: { size: 2, nested: {} } }, before);
    expect(applied(live, patch)).toEqual({ spec: { size: 2, nested: { theirs: 2 }, theirs: true } });
  });

  it('removes only its own labels when the manifest has no labels any more', () => {
    const before = { metadata: { labels: { mine: '1' } } };
    expect(mergePatch({ metadata: {} }, before)).toEqual({ metadata: { labels: { mine: null } } });
  });

  it('brings an object that nobody else touched to exactly what is desired', () => {
    fc.assert(
      fc.property(fields, fields, (before, desired) => {
        expect(applied(before, mergePatch(desired, before))).toEqual(desired);
      }),
    );
  });

  it('keeps every field of others that is not desired', () => {
    fc.assert(
      fc.property(fields, fields, (before, desired) => {
        const live = { ...before, theirs: { a: 1 } };
        expect(applied(live, mergePatch(desired, before))).toEqual({ ...desired, theirs: { a: 1 } });
      }),
    );
  });
});
