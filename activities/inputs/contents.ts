type Contents = ReadonlyMap<string, Buffer>;

/** Bases and library charts are read for every application that uses them; 64 MB hold those of many repositories. */
const mostKept = 64 * 1024 * 1024;
const contents = new Map<string, Buffer>();
let kept = 0;

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
    else {
      keep(oid, content);
      found.set(path, content);
    }
  }
  if (missing.length === 0) return found;
  const files = await read(missing);
  if (files === undefined) return files as Exclude<Read, Contents>;
  for (const [path, content] of files) {
    // A part of a larger piece of memory would keep all of it.
    const own = Buffer.from(content);
    found.set(path, own);
    keep(oidOf(path), own);
  }
  return found;
}

/** Puts a content last, as the one used most lately, and drops the first ones when there is too much. */
function keep(oid: string, content: Buffer): void {
  if (!contents.delete(oid)) kept += content.length;
  contents.set(oid, content);
  for (const [oldest, other] of contents) {
    if (kept <= mostKept || oldest === oid) return;
    contents.delete(oldest);
    kept -= other.length;
  }
}
