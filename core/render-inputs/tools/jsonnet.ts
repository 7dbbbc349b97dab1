import type { Look } from '../look.ts';
import { type Reading, read } from '../reading.ts';
import { below, parentOf } from '../tree.ts';
import { jsonnetImports } from './jsonnet-imports.ts';

/** Takes what Jsonnet files import, and what that imports: from the folder of the importing file or a library folder. */
export function* jsonnetInputs(
  look: Look,
  files: readonly string[],
  libraries: readonly string[],
): Reading<void> {
  const seen = new Set<string>();
  let next = [...new Set(files)];
  while (next.length > 0) {
    for (const one of next) seen.add(one);
    const contents = yield* read(next);
    const found = [...contents].flatMap(([path, text]) =>
      importedFiles(look, text, path, [parentOf(path), ...libraries]),
    );
    next = [...new Set(found)].filter((one) => !seen.has(one));
  }
}

/** The files that an import may mean: the first folder that has it wins, so all of them count. */
function importedFiles(look: Look, text: string, path: string, folders: readonly string[]): string[] {
  const imported = jsonnetImports(text);
  if (imported === undefined) look.giveUp(`${path} can't be read for what it imports`);
  const places = (imported ?? []).flatMap((name) => folders.map((folder) => look.find(folder, name)));
  return places.flatMap((place) => (place.kind === 'file' ? [place.path] : []));
}

/** Library folders of a source from the root, those that exist. */
export function libraryFolders(look: Look, libs: readonly string[]): string[] {
  return libs.flatMap((lib) => {
    const place = look.find('', lib.startsWith('/') ? below('', lib.slice(1)) : lib);
    return place.kind === 'folder' ? [place.path] : [];
  });
}
