import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Oracle, openOracle, runBatch } from '../support/random/apply-oracle.ts';
import { seedsOf } from '../support/random/seeds.ts';

const batchSize = 50;
/** With the two seeds this makes 5,000 syncs. */
const batches = 50;

let oracle: Oracle;

beforeAll(async () => {
  oracle = await openOracle();
});

afterAll(async () => {
  await oracle?.close();
});

describe('cluster/apply-object beside kubectl, 5,000 times', () => {
  it.each(seedsOf('long apply-oracle', 20_261_201))('ends where kubectl ends, seed %i', async (seed) => {
    for (let batch = 0; batch < batches; batch++) {
      const { faults } = await runBatch(oracle, `long-${seed}-${batch}`, seed + batch, batchSize);
      expect(faults.join('\n\n')).toBe('');
    }
  });
});
