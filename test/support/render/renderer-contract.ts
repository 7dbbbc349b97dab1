import { expect } from 'vitest';
import type { Renderers } from '../../../activities/render/tool-renderer.ts';
import { type Input, inputId } from '../../../core/render/input.ts';
import { namesIn } from '../../../core/render/tool.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import { objectsOf, type RenderWorker, render, renderUncached, type WantedSources } from './render-worker.ts';

/**
 * What the two halves of a renderer owe each other: a render gets by with the files that the inputs name, makes of them
 * what it makes of the whole commit, and is found again by its key.
 */
export async function expectContract(worker: RenderWorker, wanted: WantedSources): Promise<RenderRow> {
  const found = await worker.deps.inputs.find(wanted.target, wanted.sources);
  const row = await render(worker, wanted);
  const ids = (read: readonly Input[] = []): string[] => read.map(inputId).sort();
  // A render that needs another file is made from the whole commit, and stored with that as its input.
  expect(
    row.inputs?.sources.map((source) => ids(source?.read)),
    'the inputs name all that the render reads',
  ).toEqual(found.map(({ tree, read }) => ids(tree === undefined ? [] : read)));
  expect(await objectsOf(worker, row), 'from the inputs as from the whole commit').toEqual(
    await renderUncached(worker, wanted),
  );
  const runs = worker.runs();
  expect((await render(worker, wanted)).id, 'the same inputs are the same render').toBe(row.id);
  expect(worker.runs()).toBe(runs);
  return row;
}

/** The renderers of a table that none of these renders was made by. */
export function withoutFixture(renderers: Renderers, rows: readonly RenderRow[]): string[] {
  const used = new Set(rows.flatMap(({ sourceTypes }) => sourceTypes));
  return namesIn(renderers).filter((name) => !used.has(name));
}
