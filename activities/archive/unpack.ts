import { constants, createReadStream } from 'node:fs';
import { copyFile, mkdir, open, realpath, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { createLayout, type Layout, type UnpackLimits } from '../../core/archive/layout.ts';
import { KeelsonError } from '../../core/errors.ts';
import { damagedArchive, readTar, type TarEntry } from './tar.ts';

export type { UnpackLimits } from '../../core/archive/layout.ts';

/** The reference allows 1 GB; 50,000 files are ten times those of the largest public chart with its dependencies. */
const defaultUnpackLimits: UnpackLimits = { maxEntries: 50_000, maxBytes: 1_000_000_000 };

/** A member has one header, and up to three before it for long names and times, each with a block of text. */
const headersPerMember = 4;
const bytesPerMember = 4096;
/** Archives end in empty blocks, of which some writers make a whole tape record. */
const slackBytes = 64 * 1024;

type Unpacking = {
  readonly archive: string;
  readonly gzip: boolean;
  readonly limits: UnpackLimits;
  readonly signal: AbortSignal | undefined;
};

/**
 * Unpacks a tar archive, compressed or not, into an empty folder. It is read twice: what it would write is decided on
 * the list of its members before anything is written. Refuses what leads out of the folder, what is below a symlink,
 * devices, and more than the limits.
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
  const { gzip, signal, limits = defaultUnpackLimits, keepsModes = true } = options;
  const unpacking = { archive: path, gzip, limits, signal };
  const layout = await readLayout(unpacking);
  await write(unpacking, layout, await realpath(folder), keepsModes);
}

async function readLayout(unpacking: Unpacking): Promise<Layout> {
  const builder = createLayout(unpacking.limits);
  await eachMember(unpacking, async (member) => builder.add(member));
  return builder.finish();
}

async function write(
  unpacking: Unpacking,
  layout: Layout,
  folder: string,
  keepsModes: boolean,
): Promise<void> {
  const at = (path: string): string => join(folder, path);
  for (const path of layout.folders) {
    unpacking.signal?.throwIfAborted();
    await mkdir(at(path), { mode: 0o755 });
  }
  await eachMember(unpacking, async (member, position) => {
    const placement = layout.placements.get(position);
    if (placement === undefined) return;
    // Later members of the same name win, as they do for tar itself.
    await rm(at(placement.path), { force: true });
    if (placement.kind === 'write') {
      await writeContent(member, at(placement.path), member.executable && keepsModes ? 0o755 : 0o644);
    } else {
      await copyFile(at(placement.from), at(placement.path), constants.COPYFILE_EXCL);
    }
  });
  // Last, so that nothing is written through one.
  for (const [path, target] of layout.symlinks) {
    unpacking.signal?.throwIfAborted();
    await symlink(target, at(path));
  }
}

async function eachMember(
  { archive: path, gzip, limits, signal }: Unpacking,
  visit: (member: TarEntry, position: number) => Promise<void>,
): Promise<void> {
  const file = createReadStream(path);
  const archive = gzip ? file.pipe(createGunzip()) : file;
  // A failure of the file itself has to end the stream behind it, which would wait otherwise.
  file.on('error', (error) => archive.destroy(error));
  const bounds = {
    maxBytes: limits.maxBytes + limits.maxEntries * bytesPerMember + slackBytes,
    maxHeaders: limits.maxEntries * headersPerMember,
    signal,
  };
  try {
    let position = 0;
    for await (const member of readTar(archive, bounds)) {
      await visit(member, position);
      position += 1;
    }
  } catch (cause) {
    if (cause instanceof KeelsonError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code.startsWith('Z_')) throw damagedArchive('is not valid gzip');
    throw cause;
  } finally {
    file.destroy();
    archive.destroy();
  }
}

async function writeContent(member: TarEntry, path: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    for await (const chunk of member.content()) await file.write(chunk);
  } finally {
    await file.close();
  }
}
