import type { FileRequests } from '../../core/render/file-requests.ts';
import type { Tree } from '../../core/render/tree.ts';
import { foreignText } from '../../platform/foreign-text.ts';
import type { Git } from '../git/git.ts';
import { type CommitSource, oidIn } from './commit-tree.ts';
import { contentsOf } from './contents.ts';

/** Runs an analysis to its end, with the contents of the files of a commit that it asks for. */
export async function answerRequests<Result>(
  git: Git,
  source: CommitSource,
  tree: Tree,
  analysis: FileRequests<Result>,
): Promise<Result> {
  let step = analysis.next();
  while (step.done !== true) {
    const contents = await contentsOf(git.memory, oidIn(tree), step.value, (paths) =>
      git.readFiles({ ...source, paths }),
    );
    step = analysis.next(new Map([...contents].map(([path, content]) => [path, foreignText(content)])));
  }
  return step.value;
}
