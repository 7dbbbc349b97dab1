import { ownBytes } from '../../core/own-memory.ts';
import type { CommitMemory } from '../git/memory.ts';

type Contents = ReadonlyMap<string, Buffer>;

/** Contents of files whose object ids are known: those read lately from memory, the others with `read`, which may refuse. */
export async function contentsOf<Read extends Contents | undefined>(
  { contents }: Pick<CommitMemory, 'contents'>,
  oidOf: (path: string) => string,
  paths: readonly string[],
  read: (paths: readonly string[]) => Promise<Read>,
): Promise<Contents | Exclude<Read, Contents>> {
  const found = new Map<string, Buffer>();
  const missing: string[] = [];
  for (const path of paths) {
    const oid = oidOf(path);
    const content = contents.get(oid);
    if (content === undefined) missing.push(path);
    else found.set(path, content);
  }
  if (missing.length === 0) return found;
  const files = await read(missing);
  if (files === undefined) return files as Exclude<Read, Contents>;
  for (const [path, content] of files) {
    const own = ownBytes(content);
    found.set(path, own);
    contents.set(oidOf(path), own, own.length);
  }
  return found;
}
