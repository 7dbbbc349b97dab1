import type { ApplicationSource } from '../../application/source/source-spec.ts';
import type { FileRequests } from '../file-requests.ts';
import type { Tool } from '../tool.ts';
import type { TreeReader } from '../tree-reader.ts';
import { jsonnetInputs, libraryFolders } from './jsonnet.ts';

/** Folders of plain manifests, Jsonnet files among them. */
export const directoryTool: Tool = {
  recognise: { field: 'directory' },
  inputs: ({ reader, folder, source }) => directoryInputs(reader, folder, source),
  readsInProcess: true,
};

function* directoryInputs(
  reader: TreeReader,
  folder: string,
  { directory = {} }: ApplicationSource,
): FileRequests<void> {
  const files = reader.takeManifests(folder, {
    recurse: directory.recurse === true,
    ...(directory.include ? { include: directory.include } : {}),
    ...(directory.exclude ? { exclude: directory.exclude } : {}),
  });
  const programs = files.filter((path) => path.endsWith('.jsonnet'));
  if (programs.length === 0) return;
  const libraries = libraryFolders(reader, directory.jsonnet?.libs ?? []);
  yield* jsonnetInputs(reader, programs, [folder, ...libraries]);
}
