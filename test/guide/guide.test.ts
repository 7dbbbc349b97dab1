import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleEffects } from './effects-roles.ts';
import { settingsEffects } from './effects-settings.ts';
import { type Effect, sourceEffects } from './effects-sources.ts';
import { syncEffects } from './effects-syncs.ts';
import { type Guide, startGuide } from './guide.ts';
import { type CoveredBlock, coveredRows, mostOpen, openRows } from './rows.ts';

/** One for each covered block: the compiler asks for those that are missing. */
const effects: Readonly<Record<CoveredBlock, Effect>> = {
  ...sourceEffects,
  ...syncEffects,
  ...settingsEffects,
  ...roleEffects,
};

describe('what users type', () => {
  it('has one row for each block', () => {
    const blocks = readdirSync(join(import.meta.dirname, 'blocks')).sort();
    expect(blocks.length).toBe(52);
    const rows = [...coveredRows, ...openRows].map(({ block }) => block).sort();
    expect(rows).toEqual(blocks);
  });

  it('is left uncovered less and less', () => {
    expect(openRows.length).toBe(mostOpen);
    expect(openRows.filter(({ subject }) => subject === '')).toEqual([]);
  });
});

describe('a block that users type', () => {
  let guide: Guide;

  beforeAll(async () => {
    guide = await startGuide();
  });

  afterAll(async () => {
    await guide?.stop();
  });

  it.each(coveredRows)('$block: $shows', async ({ block }) => {
    await effects[block](guide);
  });
});
