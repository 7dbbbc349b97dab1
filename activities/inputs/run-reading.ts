import type { Reading } from '../../core/render-inputs/reading.ts';
import type { Tree } from '../../core/render-inputs/tree.ts';
import type { Git } from '../git.ts';
import type { CommitSource } from './commit-tree.ts';

/** Bases and library charts are read for every application that uses them; 64 MB hold those of many repositories. */
const mostKept = 64 * 1024 * 1024;
const contents = new Map<string, string>();
let kept = 0;

/** Runs an analysis on the files of a commit. */
export async function runReading<Result>(
  git: Git,
  source: CommitSource,
  tree: Tree,
  reading: Reading<Result>,
): Promise<Result> {
  let step = reading.next();
  while (step.done !== true) step = reading.next(await filesOf(git, source, tree, step.value));
  return step.value;
}

async function filesOf(
  git: Git,
  source: CommitSource,
  tree: Tree,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const missing: string[] = [];
  for (const path of paths) {
    const oid = tree.at(path)?.oid ?? '';
    const content = contents.get(oid);
    if (content === undefined) missing.push(path);
    else {
      keep(oid, content);
      found.set(path, content);
    }
  }
  if (missing.length === 0) return found;
  for (const [path, content] of await git.readFiles({ ...source, paths: missing })) {
    const text = content.toString('utf8');
    found.set(path, text);
    keep(tree.at(path)?.oid ?? '', text);
  }
  return found;
}

/** Puts a content last, as the one used most lately, and drops the first ones when there is too much. */
function keep(oid: string, content: string): void {
  if (!contents.delete(oid)) kept += content.length;
  contents.set(oid, content);
  for (const [oldest, text] of contents) {
    if (kept <= mostKept || oldest === oid) return;
    contents.delete(oldest);
    kept -= text.length;
  }
}
