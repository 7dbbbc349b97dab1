import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, realpath, rm, symlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { createGunzip } from 'node:zlib';
import { KeelsonError } from '../../core/errors.ts';
import { withoutTrailing } from '../../core/trim.ts';
import { readTar, type TarEntry } from './tar.ts';

/** What an archive may grow to. */
export type UnpackLimits = {
  readonly maxEntries: number;
  /** For the content of all files together. */
  readonly maxBytes: number;
};

/** The reference allows 1 GB; 50,000 files are ten times those of the largest public chart with its dependencies. */
export const defaultUnpackLimits: UnpackLimits = { maxEntries: 50_000, maxBytes: 1_000_000_000 };

type Unpacking = {
  readonly folder: string;
  readonly limits: UnpackLimits;
  readonly keepsModes: boolean;
  readonly files: Set<string>;
  readonly symlinks: Map<string, string>;
  entries: number;
  bytes: number;
};

/**
 * Unpacks a tar archive, compressed or not, into an empty folder. Refuses what leads out of the folder, devices, and
 * more than the limits; symlinks are made last, so that no member is written through one.
 */
export async function unpackTar(
  path: string,
  folder: string,
  options: {
    readonly gzip: boolean;
    readonly limits?: UnpackLimits;
    /** Whether programs in the archive stay executable; they do unless told otherwise. */
    readonly keepsModes?: boolean;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const unpacking: Unpacking = {
    folder: await realpath(folder),
    limits: options.limits ?? defaultUnpackLimits,
    keepsModes: options.keepsModes ?? true,
    files: new Set(),
    symlinks: new Map(),
    entries: 0,
    bytes: 0,
  };
  const file = createReadStream(path);
  const archive = options.gzip ? file.pipe(createGunzip()) : file;
  // A failure of the file itself has to end the stream behind it, which would wait otherwise.
  file.on('error', (error) => archive.destroy(error));
  try {
    for await (const entry of readTar(archive)) {
      options.signal?.throwIfAborted();
      await place(unpacking, entry);
    }
    await makeSymlinks(unpacking);
  } catch (cause) {
    if (cause instanceof KeelsonError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code.startsWith('Z_')) throw refused('is not valid gzip');
    if (['EEXIST', 'ENOTDIR', 'EISDIR'].includes(code))
      throw refused('names one path for two different things');
    throw cause;
  } finally {
    file.destroy();
    archive.destroy();
  }
}

async function place(unpacking: Unpacking, entry: TarEntry): Promise<void> {
  unpacking.entries += 1;
  if (unpacking.entries > unpacking.limits.maxEntries) {
    throw refused(`has more than ${unpacking.limits.maxEntries} members`);
  }
  const name = safeName(entry.name);
  if (name === undefined) return;
  const path = join(unpacking.folder, name);
  switch (entry.type) {
    case 'directory':
      await mkdir(path, { recursive: true, mode: 0o755 });
      return;
    case 'file':
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      await writeContent(unpacking, entry, path);
      unpacking.files.add(name);
      unpacking.symlinks.delete(name);
      return;
    case 'symlink':
      if (entry.target.startsWith('/') || leavesRoot(posix.join(posix.dirname(name), entry.target))) {
        throw refused(`has a symlink ${name} that leads out of it`);
      }
      unpacking.symlinks.set(name, entry.target);
      return;
    case 'link':
      await copyLinked(unpacking, name, path, entry);
      return;
    case 'other':
      throw refused(`has a member ${name} that is neither file, folder nor link`);
  }
}

async function copyLinked(unpacking: Unpacking, name: string, path: string, entry: TarEntry): Promise<void> {
  const target = safeName(entry.target);
  if (target === undefined || !unpacking.files.has(target)) {
    throw refused(`has a hard link ${name} to what is no file before it`);
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const original = join(unpacking.folder, target);
  const handle = await open(original, 'r');
  const { size } = await handle.stat().finally(() => handle.close());
  count(unpacking, size);
  await copyFile(original, path);
  unpacking.files.add(name);
}

async function writeContent(unpacking: Unpacking, entry: TarEntry, path: string): Promise<void> {
  // Later members of the same name win, as they do for tar itself.
  await rm(path, { force: true });
  const file = await open(path, 'wx', entry.executable && unpacking.keepsModes ? 0o755 : 0o644);
  try {
    for await (const chunk of entry.content()) {
      count(unpacking, chunk.length);
      await file.write(chunk);
    }
  } finally {
    await file.close();
  }
}

/** Counted as it is written: the sizes in the headers are only what the archive claims. */
function count(unpacking: Unpacking, bytes: number): void {
  unpacking.bytes += bytes;
  if (unpacking.bytes > unpacking.limits.maxBytes) {
    throw refused(`holds more than ${unpacking.limits.maxBytes} bytes when unpacked`);
  }
}

/**
 * A symlink whose text stays inside may still lead out through another one, so where it really leads decides. One
 * that leads nowhere is left out: nothing can be read through it.
 */
async function makeSymlinks({ folder, symlinks }: Unpacking): Promise<void> {
  for (const [name, target] of symlinks) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await symlink(target, path);
  }
  for (const name of symlinks.keys()) {
    const path = join(folder, name);
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) await rm(path);
    else if (real !== folder && !real.startsWith(`${folder}/`)) {
      throw refused(`has a symlink ${name} that leads out of it`);
    }
  }
}

/** A member's path below the folder; undefined for the folder itself. */
function safeName(name: string): string | undefined {
  if (name.includes('\0') || name.includes('\\')) throw refused('has a member with an impossible name');
  const normal = withoutTrailing(posix.normalize(name.replace(/^\/+/, '')), '/');
  if (leavesRoot(normal) || name.startsWith('/')) throw refused(`has a member ${name} that leads out of it`);
  return normal === '.' || normal === '' ? undefined : normal;
}

function leavesRoot(path: string): boolean {
  const normal = posix.normalize(path);
  return normal === '..' || normal.startsWith('../');
}

function refused(what: string): KeelsonError {
  return new KeelsonError('source-unreachable', `the archive ${what}; pack and publish it without`);
}
