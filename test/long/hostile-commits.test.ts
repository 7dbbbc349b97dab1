import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomHostileCommits } from '../support/hostile-commits.ts';
import { createHostile, deleteAll, healthyApplication, outcomeOf } from '../support/hostile-run.ts';
import { seedsOf } from '../support/seeds.ts';
import { startKeelson, type TestKeelson } from '../support/start-keelson.ts';

const commitsOfSeed = 120;
const atOnce = 8;

let keelson: TestKeelson;
beforeAll(async () => {
  keelson = await startKeelson();
});
afterAll(async () => {
  await keelson?.stop();
});

it.each(seedsOf('hostile commits', 20_261_201))(
  `${commitsOfSeed} hostile commits leave no sync without an end and starve no other application: seed %i`,
  async (seed) => {
    const sync = await healthyApplication(keelson, `healthy-${seed}`);
    const usual = Math.max(await sync(), await sync());
    const commits = randomHostileCommits(seed, commitsOfSeed).map((commit) => ({
      ...commit,
      sort: `${commit.sort}-${seed}`,
    }));
    for (let from = 0; from < commits.length; from += atOnce) {
      const names = await createHostile(keelson, commits.slice(from, from + atOnce));
      expect(await sync()).toBeLessThan(5 * usual + 10);
      const outcomes = await Promise.all(names.map((name) => outcomeOf(keelson, name)));
      expect(outcomes.filter((one) => one !== undefined)).toEqual([]);
      await deleteAll(keelson, names);
    }
  },
);
