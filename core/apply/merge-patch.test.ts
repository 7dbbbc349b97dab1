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

/** What nobody else owns anything of. */
const alone = (before: unknown) => ({ before, live: before, others: [] });

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
    const patch = mergePatch({ spec: { size: 2, nested: {} } }, alone(before));
    expect(applied(live, patch)).toEqual({ spec: { size: 2, nested: { theirs: 2 }, theirs: true } });
  });

  it('removes only its own labels when the manifest has no labels any more', () => {
    const before = { metadata: { labels: { mine: '1' } } };
    expect(mergePatch({ metadata: {} }, alone(before))).toEqual({ metadata: { labels: { mine: null } } });
  });

  it('brings an object that nobody else touched to exactly what is desired', () => {
    fc.assert(
      fc.property(fields, fields, (before, desired) => {
        expect(applied(before, mergePatch(desired, alone(before)))).toEqual(desired);
      }),
    );
  });

  it('keeps every field of others that is not desired', () => {
    fc.assert(
      fc.property(fields, fields, (before, desired) => {
        const live = { ...before, theirs: { a: 1 } };
        expect(applied(live, mergePatch(desired, alone(before)))).toEqual({ ...desired, theirs: { a: 1 } });
      }),
    );
  });
});

describe('core/apply/merge-patch of what others own a part of', () => {
  const other = { 'f:spec': { 'f:limits': { 'f:theirs': {} } } };
  const live = { spec: { limits: { ours: '1', theirs: '1' }, size: 1 } };

  it('takes what was written before out of a map that is not desired any more, and leaves the map', () => {
    const before = { spec: { limits: { ours: '1' }, size: 1 } };
    const patch = mergePatch({ spec: {} }, { before, live, others: [other] });
    expect(applied(live, patch)).toEqual({ spec: { limits: { theirs: '1' } } });
  });

  it.each([
    ['what was applied by the annotation', { limits: { ours: '1' }, size: 1 }],
    ['a map that was owned as a whole', { limits: live.spec.limits, size: 1 }],
  ])('leaves a field to whoever owns it too, of %s', (_, spec) => {
    const others = [other, { 'f:spec': { 'f:size': {} } }, { 'f:spec': { 'f:limits': { '.': {} } } }];
    const patch = mergePatch({ spec: {} }, { before: { spec }, live, others });
    expect(applied(live, patch)).toEqual({ spec: { limits: { theirs: '1' }, size: 1 } });
  });

  it('keeps the elements of others, and their fields in elements that are desired', () => {
    const list = [
      { name: 'a', port: 1, note: 'theirs' },
      { name: 'b', port: 2, size: 3 },
      { name: 'c', port: 4 },
    ];
    const parts = {
      'k:{"name":"a"}': { 'f:note': {} },
      'k:{"name":"b"}': { '.': {}, 'f:name': {}, 'f:size': {} },
    };
    const patch = mergePatch(
      { spec: { parts: [{ name: 'a', port: 9 }] } },
      {
        before: {
          spec: {
            parts: [
              { name: 'a', port: 1 },
              { name: 'c', port: 4 },
            ],
          },
        },
        live: { spec: { parts: list } },
        others: [{ 'f:spec': { 'f:parts': parts } }],
      },
    );
    expect(patch).toEqual({
      spec: {
        parts: [
          { name: 'a', port: 9, note: 'theirs' },
          { name: 'b', size: 3 },
        ],
      },
    });
    const none = mergePatch(
      { spec: {} },
      {
        before: { spec: { parts: list } },
        live: { spec: { parts: list } },
        others: [{ 'f:spec': { 'f:parts': parts } }],
      },
    );
    expect(none).toEqual({
      spec: {
        parts: [
          { name: 'a', note: 'theirs' },
          { name: 'b', size: 3 },
        ],
      },
    });
  });
});
