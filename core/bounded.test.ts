import { describe, expect, test } from 'vitest';
import { mapBounded } from './bounded.ts';

describe('core/bounded', () => {
  test('results keep their order while at most the limit is under way', async () => {
    let running = 0;
    let most = 0;
    const results = await mapBounded([5, 1, 4, 2, 3], 2, async (element) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, element));
      running -= 1;
      return element * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  test('an empty list and a failure end at once', async () => {
    expect(await mapBounded([], 3, async () => 1)).toEqual([]);
    await expect(mapBounded([1, 2], 1, () => Promise.reject(new Error('stop')))).rejects.toThrow('stop');
  });
});
