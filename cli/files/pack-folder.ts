import { lstat, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { KeelsonError } from '../../core/errors.ts';
import { globPattern } from '../../core/text/glob.ts';
import { readNamedFolder, unreadablePath } from './read-path.ts';

const compress = promisify(gzip);
const blockSize = 512;
/** Before compression; the server takes 24 MiB of compressed files. */
const mostBytes = 200 * 1024 * 1024;
/** Folders that hold no manifests and are large. */
const leftOut: ReadonlySet<string> = new Set(['.git', 'node_modules', '.terraform']);

export type PackOptions = {
  /** Folder of the archive under which the files stand; empty for its root. */
  readonly below: string;
  /** Globs for names of files; all files when there are none. */
  readonly include: readonly string[];
};

/** The files of a folder as a gzipped tar archive. */
export async function packFolder(folder: string, { below, include }: PackOptions): Promise<Buffer> {
  const patterns = include.map((glob) => globPattern(glob));
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const { path, name, isLink } of filesBelow(folder, '')) {
    if (patterns.length > 0 && !patterns.some((pattern) => pattern.test(name))) continue;
    const place = below === '' ? path : `${below}/${path}`;
    const blocks = await member(join(folder, path), place, isLink);
    for (const block of blocks) bytes += block.length;
    if (bytes > mostBytes) {
      throw new KeelsonError(
        'invalid-argument',
        `--local ${folder} holds more than ${mostBytes} bytes; give the folder of the application, or choose files with --local-include`,
      );
    }
    parts.push(...blocks);
  }
  return compress(Buffer.concat([...parts, Buffer.alloc(2 * blockSize)]));
}

type Found = { readonly path: string; readonly name: string; readonly isLink: boolean };

async function* filesBelow(folder: string, inside: string): AsyncGenerator<Found> {
  for (const name of await readNamedFolder(join(folder, inside), `--local ${join(folder, inside)}`)) {
    const path = inside === '' ? name : `${inside}/${name}`;
    const found = await lstat(join(folder, path));
    if (found.isDirectory() && !leftOut.has(name)) yield* filesBelow(folder, path);
    if (found.isFile() || found.isSymbolicLink()) yield { path, name, isLink: found.isSymbolicLink() };
  }
}

async function member(path: string, name: string, isLink: boolean): Promise<Buffer[]> {
  if (isLink) return headers({ name, target: await readlink(path), size: 0, flag: '2' });
  const content = await readFile(path).catch((cause: unknown) => {
    throw unreadablePath(`--local ${path}`, 'file', cause);
  });
  return [...headers({ name, target: '', size: content.length, flag: '0' }), padded(content)];
}

type Head = { readonly name: string; readonly target: string; readonly size: number; readonly flag: string };

/** A header in the old form, led by an extended one where a name is too long for it. */
function headers(head: Head): Buffer[] {
  const records = [
    ...(Buffer.byteLength(head.name) > 100 ? [record('path', head.name)] : []),
    ...(Buffer.byteLength(head.target) > 100 ? [record('linkpath', head.target)] : []),
  ];
  if (records.length === 0) return [header(head)];
  const extended = Buffer.from(records.join(''), 'utf8');
  const lead = header({ name: 'PaxHeader', target: '', size: extended.length, flag: 'x' });
  return [lead, padded(extended), header({ ...head, name: 'long-name', target: '' })];
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const length = bytes + String(bytes + String(bytes).length).length;
  return `${length}${rest}`;
}

function header({ name, target, size, flag }: Head): Buffer {
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0');
  block.write(name, 0, 100, 'utf8');
  block.write(octal(0o644, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1');
  block.write(octal(0, 8), 116, 'latin1');
  block.write(octal(size, 12), 124, 'latin1');
  block.write(octal(0, 12), 136, 'latin1');
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(flag, 156, 'latin1');
  block.write(target, 157, 100, 'utf8');
  block.write('ustar\u000000', 257, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${octal(sum, 7)}\u0000 `, 148, 'latin1');
  return block;
}

function padded(content: Buffer): Buffer {
  const missing = (blockSize - (content.length % blockSize)) % blockSize;
  return missing === 0 ? content : Buffer.concat([content, Buffer.alloc(missing)]);
}
