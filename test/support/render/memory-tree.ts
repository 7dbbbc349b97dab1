import { type Inputs, type InputsRequest, inputsOf } from '../../../core/render-inputs/inputs-of.ts';
import type { Reading } from '../../../core/render-inputs/reading.ts';
import {
  folderMode,
  type ListedEntry,
  linkMode,
  submoduleMode,
  type Tree,
  treeOf,
} from '../../../core/render-inputs/tree.ts';

/** Files by path: a text, `-> target` for a symlink, `@ commit` for a submodule. */
export type MemoryFiles = Readonly<Record<string, string>>;

/** The tree that Git would list for these files; the id of an object is its content. */
export function memoryTree(files: MemoryFiles): Tree {
  const entries = new Map<string, ListedEntry>();
  const links = new Map<string, string>();
  for (const path of Object.keys(files).sort()) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join('/');
      const content = Object.entries(files).filter(([one]) => one.startsWith(`${folder}/`));
      entries.set(folder, { path: folder, mode: folderMode, oid: JSON.stringify(content.sort()) });
    }
    const text = files[path] ?? '';
    const mode = text.startsWith('-> ') ? linkMode : text.startsWith('@ ') ? submoduleMode : '100644';
    if (mode === linkMode) links.set(path, text.slice(3));
    entries.set(path, { path, mode, oid: text });
  }
  return treeOf([...entries.values()], links);
}

/** Runs an analysis on files in memory. */
export function runReading<Result>(reading: Reading<Result>, files: MemoryFiles): Result {
  let step = reading.next();
  while (step.done !== true) {
    step = reading.next(new Map(step.value.map((path) => [path, files[path] ?? ''])));
  }
  return step.value;
}

/** What rendering a source of these files reads. */
export function inputsInMemory(
  files: MemoryFiles,
  source: Partial<InputsRequest['source']>,
  refs: Readonly<Record<string, MemoryFiles>> = {},
  rest: Pick<InputsRequest, 'discoveries'> = {},
): Inputs {
  const reading = inputsOf({
    source: { repoURL: 'https://git.test/repo', ...source },
    tree: memoryTree(files),
    refs: new Map(Object.entries(refs).map(([name, lent]) => [name, memoryTree(lent)])),
    instance: 'demo',
    substitute: (text) => text.replaceAll('$ARGOCD_APP_NAME', 'demo'),
    off: new Set(),
    ...rest,
  });
  return runReading(reading, files);
}
