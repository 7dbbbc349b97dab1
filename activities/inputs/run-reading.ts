import type { Reading } from '../../core/render-inputs/reading.ts';
import type { Tree } from '../../core/render-inputs/tree.ts';
import type { Git } from '../git/git.ts';
import { type CommitSource, oidIn } from './commit-tree.ts';
import { contentsOf } from './contents.ts';

/** Runs an analysis on the files of a commit. */
export async function runReading<Result>(
  git: Git,
  source: CommitSource,
  tree: Tree,
  reading: Reading<Result>,
): Promise<Result> {
  let step = reading.next();
  while (step.done !== true) {
    const contents = await contentsOf(oidIn(tree), step.value, (paths) =>
      git.readFiles({ ...source, paths }),
    );
    step = reading.next(new Map([...contents].map(([path, content]) => [path, content.toString('utf8')])));
  }
  return step.value;
}
