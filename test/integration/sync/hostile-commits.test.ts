import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type HostileCommit,
  hostileCommits,
  randomHostileCommits,
} from '../../support/hostile/hostile-commits.ts';
import {
  createHostile,
  deleteAll,
  failForEver,
  healthyApplication,
  outcomeOf,
} from '../../support/hostile/hostile-run.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import { seedsOf } from '../../support/random/seeds.ts';

let keelson: TestKeelson;
let syncHealthy: () => Promise<number>;
let usual: number;

beforeAll(async () => {
  keelson = await startKeelson();
  syncHealthy = await healthyApplication(keelson, 'healthy');
  await syncHealthy();
  usual = Math.max(await syncHealthy(), await syncHealthy());
});
afterAll(async () => {
  await keelson?.stop();
});

/** Syncs another application while commits are read, one after another and all at once. */
async function disturb(commits: readonly HostileCommit[]): Promise<void> {
  const names = await createHostile(keelson, commits);
  // Reading a hundred files takes its share of the processor; a thread that stands takes all of it, for minutes.
  expect(await syncHealthy()).toBeLessThan(5 * usual + 10);
  const outcomes = await Promise.all(names.map((name) => outcomeOf(keelson, name)));
  expect(outcomes.filter((one) => one !== undefined)).toEqual([]);
  expect(await syncHealthy()).toBeLessThan(5 * usual + 10);
  await deleteAll(keelson, names);
}

describe('a hostile commit', () => {
  it.each(hostileCommits.map((commit) => [commit.sort, commit] as const))(
    'of the sort %s holds up no other application, and its own ends with words',
    async (_, commit) => {
      await disturb([commit]);
    },
  );

  it.each(seedsOf('hostile commits', 20_261_130))(
    'of any sort, six at once, does the same: seed %i',
    { timeout: 300_000 },
    async (seed) => {
      const commits = randomHostileCommits(seed, 6);
      await disturb(commits.map((commit) => ({ ...commit, sort: `${commit.sort}-${seed}` })));
    },
  );
});

describe('an operation that goes on with what it met in a hostile commit', () => {
  it('can be terminated, and deleted with its application, whatever its message is', async () => {
    const names = await createHostile(
      keelson,
      hostileCommits
        .filter(({ sort }) => /nul|half|deep|long/.test(sort))
        .map((commit) => ({ ...commit, sort: `${commit.sort}-for-ever` })),
    );
    const live = [...(await failForEver(keelson, names))];
    expect(live.length).toBeGreaterThan(names.length / 2);
    // The others are deleted while theirs goes on.
    const ended = live.filter((_, at) => at % 2 === 0);
    await Promise.all(
      ended.map(async ([name, id]) => {
        await keelson.client.operations.terminate(name);
        const { phase, message } = await keelson.ended(name, id, 60);
        expect({ name, phase }).toEqual({ name, phase: 'Failed' });
        expect(message).toMatch(/^Operation terminated/);
      }),
    );
    await deleteAll(keelson, names);
    for (const [name, id] of live) {
      const { phase, finishedAt } = await keelson.client.operations.get(name, id);
      expect({ name, phase }).toEqual({ name, phase: expect.stringMatching(/^(Failed|Superseded)$/) });
      expect(finishedAt).toBeDefined();
    }
  });
});
