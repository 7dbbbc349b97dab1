import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolPaths } from '../../../local/obtain/tools.ts';
import { randomYaml } from '../../support/random/random-yaml.ts';
import { seedsOf } from '../../support/random/seeds.ts';
import { differencesFromKubectl } from '../../support/random/yaml-oracle.ts';

const cases = 2000;

describe('core/yaml beside kubectl, on random texts', () => {
  let kubectl = '';
  let folder = '';

  beforeAll(async () => {
    ({ kubectl } = await toolPaths(['kubectl']));
    folder = await mkdtemp(join(tmpdir(), 'keelson-yaml-random-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each(seedsOf('random YAML', 20_261_201))(`reads ${cases} of them as it does, seed %i`, async (seed) => {
    const found = await differencesFromKubectl(kubectl, join(folder, `${seed}`), randomYaml(seed, cases));
    expect(found.differences).toEqual([]);
    expect(found.read).toBeGreaterThan(cases / 4);
  });
});
