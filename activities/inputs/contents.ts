import { createByteCache } from '../../core/byte-cache.ts';
import { ownBytes } from '../../core/own-memory.ts';

type Contents = ReadonlyMap<string, Buffer>;

/** Bases and library charts are read for every application that uses them; 64 MB hold those of many repositories. */
const contents = createByteCache<Buffer>(64 * 1024 * 1024);

/** Contents of files whose object ids are known: those read lately from memory, the others with `read`, which may refuse. */
export async function contentsOf<Read extends Contents | undefined>(
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
