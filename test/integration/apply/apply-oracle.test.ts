import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Findings, type Oracle, openOracle, runBatch } from '../../support/random/apply-oracle.ts';
import { seedsOf } from '../../support/random/seeds.ts';

/** Objects of one run of kubectl; three batches of each of the two seeds make 300. */
const batchSize = 50;
const batches = 3;

let oracle: Oracle;

beforeAll(async () => {
  oracle = await openOracle();
});

afterAll(async () => {
  await oracle?.close();
});

describe('cluster/apply-object beside kubectl', () => {
  it.each(seedsOf('apply-oracle', 20_261_130))('ends where kubectl ends, seed %i', async (seed) => {
    const found: Findings[] = [];
    for (let batch = 0; batch < batches; batch++) {
      found.push(await runBatch(oracle, `seed-${seed}-${batch}`, seed + batch, batchSize));
    }
    expect(found.flatMap(({ faults }) => faults).join('\n\n')).toBe('');
    // Refusals on both sides prove little.
    expect(found.reduce((sum, { refused }) => sum + refused, 0)).toBeLessThan((batches * batchSize) / 4);
  });
});
