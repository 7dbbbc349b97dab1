import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type HostileCommit,
  impossibleNames,
  randomHostileCommits,
} from '../support/hostile/hostile-commits.ts';
import { createHostile, deleteAll, healthyApplication, outcomeOf } from '../support/hostile/hostile-run.ts';
import { startKeelson, type TestKeelson } from '../support/keelson/start-keelson.ts';
import { seedsOf } from '../support/random/seeds.ts';

const commitsOfSeed = 120;
const atOnce = 8;

let keelson: TestKeelson;
beforeAll(async () => {
  keelson = await startKeelson();
});
afterAll(async () => {
  await keelson?.stop();
});

async function readBeside(commits: readonly HostileCommit[], healthy: string): Promise<void> {
  const sync = await healthyApplication(keelson, healthy);
  const usual = Math.max(await sync(), await sync());
  for (let from = 0; from < commits.length; from += atOnce) {
    const names = await createHostile(keelson, commits.slice(from, from + atOnce));
    expect(await sync()).toBeLessThan(5 * usual + 10);
    const outcomes = await Promise.all(names.map((name) => outcomeOf(keelson, name)));
    expect(outcomes.filter((one) => one !== undefined)).toEqual([]);
    await deleteAll(keelson, names);
  }
}

it('names that no file has, wherever a file names another, do the same', async () => {
  await readBeside(impossibleNames, 'healthy-names');
});

it.each(seedsOf('hostile commits', 20_261_201))(
  `${commitsOfSeed} hostile commits leave no sync without an end and starve no other application: seed %i`,
  async (seed) => {
    const commits = randomHostileCommits(seed, commitsOfSeed).map((commit) => ({
      ...commit,
      sort: `${commit.sort}-${seed}`,
    }));
    await readBeside(commits, `healthy-${seed}`);
  },
);
