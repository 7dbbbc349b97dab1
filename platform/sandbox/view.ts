import { realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';

/** A place of the host that exists in a sandbox under a path of its own. */
export type Mount = {
  readonly source: string;
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'device';
  readonly writable: boolean;
  readonly executable: boolean;
};

/** Programs, libraries and certificates of the base system: what Git or a script needs. */
const systemPaths = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/nix/store',
  '/etc/alternatives',
  '/etc/ca-certificates',
  '/etc/ld.so.cache',
  '/etc/pki',
  '/etc/ssl/cert.pem',
  '/etc/ssl/certs',
];

const devicePaths = ['/dev/null', '/dev/zero', '/dev/urandom'];

/** The places of the base system that this machine has. */
export async function systemPlaces(): Promise<Mount[]> {
  const found = await Promise.all(systemPaths.map((path) => mountOf(path, { executable: true })));
  return found.filter((place) => place !== undefined);
}

/** The devices that programs expect. */
export function devicePlaces(): Mount[] {
  return devicePaths.map((path) => ({
    source: path,
    path,
    kind: 'device',
    writable: true,
    executable: false,
  }));
}

/** A file or folder of the host under its own path; undefined when there is none. */
export async function mountOf(
  path: string,
  rights: { readonly writable?: boolean; readonly executable?: boolean } = {},
): Promise<Mount | undefined> {
  const { writable = false, executable = false } = rights;
  try {
    const source = await realpath(path);
    const kind = (await stat(source)).isDirectory() ? 'folder' : 'file';
    return { source, path, kind, writable, executable };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw cause;
  }
}

/** Places from the outside in, without those that another one already shows in the same way. */
export function arrange(places: readonly Mount[]): Mount[] {
  const sorted = [...places].sort((left, right) => left.path.length - right.path.length);
  const kept: Mount[] = [];
  for (const place of sorted) {
    if (kept.some((one) => isShownBy(one, place))) continue;
    kept.push(place);
  }
  return kept;
}

function isShownBy(outer: Mount, inner: Mount): boolean {
  if (outer.writable !== inner.writable || (inner.executable && !outer.executable)) return false;
  const way = inner.path.slice(outer.path.length);
  return isWithin(outer.path, inner.path) && inner.source === `${outer.source}${way}`;
}

/** Whether a path is a folder or below it, by its text. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
