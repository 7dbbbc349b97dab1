import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuantity } from './quantity.ts';

describe('core/diff/quantity', () => {
  it.each<[unknown, unknown]>([
    ['1000m', '1'],
    ['0.5', '500m'],
    ['1.5', '1500m'],
    [1, '1'],
    [0.1, '100m'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['1e3', '1e3'],
    ['10e2', '1e3'],
    ['0', '0'],
    ['0Mi', '0'],
    ['-2000m', '-2'],
    ['1n', '1n'],
    ['12345678901234567890', '12345678901234567890'],
    ['80%', '80%'],
    ['', ''],
    ['.', '.'],
    [null, null],
    [true, true],
  ])('writes %j as %j', (written, canonical) => {
    expect(canonicalQuantity(written)).toBe(canonical);
  });

  it.each(['', 'Ki', 'e9', '.5'])('reckons with no quantity of a million digits: %s', (end) => {
    const text = `${'9'.repeat(1_000_000)}${end}`;
    const startedAt = performance.now();
    expect(canonicalQuantity(text)).toBe(text);
    expect(performance.now() - startedAt).toBeLessThan(50);
  });

  it('leaves a canonical quantity as it is', () => {
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'Gi');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), suffix, (amount, unit) => {
        const once = canonicalQuantity(`${amount}${unit}`);
        expect(canonicalQuantity(once)).toBe(once);
      }),
    );
  });
});
