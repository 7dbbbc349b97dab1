import { describe, expect, it } from 'vitest';
import { replaceConditions } from './conditions.ts';

const now = '2026-05-02T00:00:00Z';
const before = [
  { type: 'ComparisonError', message: 'broken', lastTransitionTime: '2026-05-01T00:00:00Z' },
  { type: 'DeletionError', message: 'stuck', lastTransitionTime: '2026-05-01T00:00:00Z' },
];

describe('core/application/conditions', () => {
  it('keeps the time of a condition that stands and dates a new one', () => {
    const found = [
      { type: 'SharedResourceWarning', message: 'shared' },
      { type: 'ComparisonError', message: 'broken' },
    ];
    const written = { types: ['ComparisonError', 'SharedResourceWarning'], found };
    expect(replaceConditions(before, written, now)).toEqual([
      before[0],
      before[1],
      { type: 'SharedResourceWarning', message: 'shared', lastTransitionTime: now },
    ]);
  });

  it('dates a condition anew when its message changes', () => {
    const written = { types: ['ComparisonError'], found: [{ type: 'ComparisonError', message: 'worse' }] };
    expect(replaceConditions(before, written, now)).toEqual([
      { type: 'ComparisonError', message: 'worse', lastTransitionTime: now },
      before[1],
    ]);
  });

  it('removes only conditions of the types that the writer owns', () => {
    expect(replaceConditions(before, { types: ['ComparisonError'], found: [] }, now)).toEqual([before[1]]);
    expect(replaceConditions(before, { types: [], found: [] }, now)).toEqual(before);
  });

  it('sorts by type and message, and lists equal ones once', () => {
    const found = ['b', 'a', 'a'].map((message) => ({ type: 'X', message }));
    const written = { types: ['X'], found };
    expect(replaceConditions([], written, now).map(({ message }) => message)).toEqual(['a', 'b']);
  });

  it('counts what is too much to list', () => {
    const found = Array.from({ length: 45 }, (_, index) => ({ type: 'X', message: `m${index}` }));
    const after = replaceConditions([], { types: ['X'], found }, now);
    expect(after).toHaveLength(31);
    expect(after.map(({ message }) => message)).toContain('and 15 more');
  });
});
