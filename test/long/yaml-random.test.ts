import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolPaths } from '../../local/obtain/tools.ts';
import { randomYaml } from '../support/random/random-yaml.ts';
import { seedsOf } from '../support/random/seeds.ts';
import { differencesFromKubectl } from '../support/random/yaml-oracle.ts';

/** With the two seeds this makes 60,000 texts. */
const cases = 30_000;

describe('core/yaml beside kubectl, on 60,000 random texts', () => {
  let kubectl = '';
  let folder = '';

  beforeAll(async () => {
    ({ kubectl } = await toolPaths(['kubectl']));
    folder = await mkdtemp(join(tmpdir(), 'keelson-yaml-long-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each(seedsOf('long random YAML', 20_261_202))('reads them as it does, seed %i', async (seed) => {
    const found = await differencesFromKubectl(kubectl, join(folder, `${seed}`), randomYaml(seed, cases));
    expect(found.differences).toEqual([]);
    expect(found.read).toBeGreaterThan(cases / 4);
  });
});
