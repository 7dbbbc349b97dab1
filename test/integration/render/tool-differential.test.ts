import { beforeAll, describe, expect, it } from 'vitest';
import type { RenderTools } from '../../../activities/render/render.ts';
import { seedsOf } from '../../support/random/seeds.ts';
import { compareWithTools, shownDifference } from '../../support/random/tool-differential.ts';
import { renderTools } from '../../support/render/render-tools.ts';

const cases = 150;

describe('sources with random options', () => {
  let tools: RenderTools;

  beforeAll(async () => {
    tools = await renderTools();
  });

  it.each(seedsOf('random options', 20_261_130))(
    `${cases} of them render as the plain tools do, or fail as they do, seed %i`,
    async (seed) => {
      const { rendered, differences } = await compareWithTools(tools, seed, cases);
      expect(differences.map(shownDifference)).toEqual([]);
      expect(rendered).toBeGreaterThan(cases / 3);
    },
  );
});
