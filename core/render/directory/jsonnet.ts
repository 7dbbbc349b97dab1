import { type FileRequests, requestFiles } from '../file-requests.ts';
import { below, parentOf } from '../tree.ts';
import type { TreeReader } from '../tree-reader.ts';
import { jsonnetImports } from './jsonnet-imports.ts';

/** Takes what Jsonnet files import, and what that imports: from the folder of the importing file or a library folder. */
export function* jsonnetInputs(
  reader: TreeReader,
  files: readonly string[],
  libraries: readonly string[],
): FileRequests<void> {
  const seen = new Set<string>();
  let next = [...new Set(files)];
  while (next.length > 0) {
    for (const one of next) seen.add(one);
    const contents = yield* requestFiles(next);
    const found = [...contents].flatMap(([path, text]) =>
      importedFiles(reader, text, path, [parentOf(path), ...libraries]),
    );
    next = [...new Set(found)].filter((one) => !seen.has(one));
  }
}

/** The files that an import may mean: the first folder that has it wins, so all of them count. */
function importedFiles(reader: TreeReader, text: string, path: string, folders: readonly string[]): string[] {
  const imported = jsonnetImports(text);
  if (imported === undefined) reader.giveUp(`${path} can't be read for what it imports`);
  const found = (imported ?? []).flatMap((name) => folders.map((folder) => reader.find(folder, name)));
  return found.flatMap((one) => (one.kind === 'file' ? [one.path] : []));
}

/** Library folders of a source from the root, those that exist. */
export function libraryFolders(reader: TreeReader, libs: readonly string[]): string[] {
  return libs.flatMap((lib) => {
    const found = reader.find('', lib.startsWith('/') ? below('', lib.slice(1)) : lib);
    return found.kind === 'folder' ? [found.path] : [];
  });
}
