import { realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Where a path of a source leads. */
export type Location =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'outside' };

/** Resolves a path from a folder, following symlinks, and tells whether it stays inside the root. */
export async function locate(root: string, folder: string, path: string): Promise<Location> {
  const written = join(folder, path);
  if (!isInside(root, written)) return { kind: 'outside' };
  const [realRoot, real] = await Promise.all([realpath(root), resolved(written)]);
  if (real === undefined) return { kind: 'missing' };
  return isInside(realRoot, real) ? { kind: 'found', path: written } : { kind: 'outside' };
}

/** Whether a path is the root or below it, by its text alone. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}

/** What systems say of names, also impossible ones, that nothing has. */
const leadsNowhere: ReadonlySet<unknown> = new Set([
  ...['ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENOTDIR'],
  // Node's own, for U+0000.
  'ERR_INVALID_ARG_VALUE',
]);

async function resolved(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (leadsNowhere.has(code)) return undefined;
    throw cause;
  }
}
