import { access, constants, open } from 'node:fs/promises';
import { join } from 'node:path';

/** Programs of the base system that build a sandbox, by name. */
export type Programs = Readonly<Record<ProgramName, string>>;

const names = ['unshare', 'setpriv', 'prlimit', 'mount', 'mkdir', 'chown', 'env', 'sh'] as const;
type ProgramName = (typeof names)[number];

/** Looks the programs up; what is missing comes back by name. */
export async function findPrograms(
  searchPath: string,
): Promise<{ readonly programs: Programs } | { readonly missing: readonly string[] }> {
  const found = await Promise.all(names.map(async (name) => [name, await findProgram(searchPath, name)]));
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => String(name));
  if (missing.length > 0) return { missing };
  return { programs: Object.fromEntries(found) };
}

/** The path of a program on a search path. */
export async function findProgram(searchPath: string, name: string): Promise<string | undefined> {
  for (const folder of searchPath.split(':')) {
    if (folder === '') continue;
    const path = join(folder, name);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  return undefined;
}

/** A dynamic linker is named in the first page of a program that needs one, and scripts need an interpreter. */
const marks = ['/ld-', '/ld.so', '/ld64'];
const firstPage = 4096;

/** Whether a program needs more of the system than its own file. */
export async function needsSystem(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(firstPage), 0, firstPage, 0);
    const start = buffer.toString('latin1', 0, bytesRead);
    return !start.startsWith('\x7fELF') || marks.some((mark) => start.includes(mark));
  } finally {
    await file.close();
  }
}
