import type { FileRequests } from '../../../core/render/file-requests.ts';
import { type Input, stateOf } from '../../../core/render/input.ts';
import { type Inputs, type InputsRequest, inputsOf } from '../../../core/render/inputs-of.ts';
import { isToolFile } from '../../../core/render/recognise.ts';
import { tools } from '../../../core/render/tools.ts';
import {
  folderMode,
  type ListedEntry,
  linkMode,
  submoduleMode,
  type Tree,
  treeOf,
} from '../../../core/render/tree.ts';
import { defaultToolSettings } from '../../../core/settings/words/tool-settings.ts';

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

/** The state of an input with the tools of this release. */
export function stateIn(tree: Tree, input: Input): string {
  return stateOf(tree, input, (name) => isToolFile(tools, name));
}

/** Runs an analysis on files in memory. */
export function answerRequests<Result>(analysis: FileRequests<Result>, files: MemoryFiles): Result {
  let step = analysis.next();
  while (step.done !== true) {
    step = analysis.next(new Map(step.value.map((path) => [path, files[path] ?? ''])));
  }
  return step.value;
}

/** What rendering a source of these files reads. */
export function inputsInMemory(
  files: MemoryFiles,
  source: Partial<InputsRequest['source']>,
  refs: Readonly<Record<string, MemoryFiles>> = {},
  rest: Partial<Pick<InputsRequest, 'discoveries'>> = {},
): Inputs {
  const analysis = inputsOf({
    source: { repoURL: 'https://git.test/repo', ...source },
    tree: memoryTree(files),
    refs: new Map(Object.entries(refs).map(([name, lent]) => [name, memoryTree(lent)])),
    instance: 'demo',
    substitute: (text) => text.replaceAll('$ARGOCD_APP_NAME', 'demo'),
    enabled: defaultToolSettings.enabled,
    tools,
    ...rest,
  });
  return answerRequests(analysis, files);
}
