import { expect, it } from 'vitest';
import { seedsOf } from '../support/random/seeds.ts';
import { compareWithTools, shownDifference } from '../support/random/tool-differential.ts';
import { renderTools } from '../support/render/render-tools.ts';

const cases = 2500;

it.each(seedsOf('random options', 20_261_201))(
  `${cases} sources with random options render as the plain tools do, or fail as they do, seed %i`,
  async (seed) => {
    const { rendered, differences } = await compareWithTools(await renderTools(), seed, cases);
    expect(differences.map(shownDifference)).toEqual([]);
    expect(rendered).toBeGreaterThan(cases / 3);
  },
);
