import { describe, expect, it } from 'vitest';
import { lengthFault } from './field-limits.ts';

describe('core/field-limits', () => {
  it.each([
    ['name', 253],
    ['namespace', 63],
    ['targetRevision', 1024],
    ['repoURL', 2048],
    ['path', 4096],
    ['selector', 4096],
  ])('%s may have %i characters', (field, most) => {
    expect(lengthFault(field, 'x'.repeat(most))).toBeUndefined();
    expect(lengthFault(field, 'x'.repeat(most + 1))).toBe(
      `has ${most + 1} characters, and may have ${most}; shorten it`,
    );
  });

  it('leaves other fields and names of every object alone', () => {
    expect(lengthFault('values', 'x'.repeat(100_000))).toBeUndefined();
    expect(lengthFault('constructor', 'x'.repeat(100_000))).toBeUndefined();
    expect(lengthFault('name', undefined)).toBeUndefined();
  });
});
