import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

const blockSize = 512;
/** What the fields of a header hold; longer names go into an extended header. */
const fieldBytes = 100;

type Member = {
  readonly name: string;
  readonly type: '0' | '2' | '5';
  readonly size: number;
  readonly executable: boolean;
  readonly target?: string;
};

/** A member of an archive out of a text. */
export function* packText(name: string, text: string): Generator<Buffer> {
  const content = Buffer.from(text);
  yield headerOf({ name, type: '0', size: content.length, executable: false });
  yield content;
  yield paddingOf(content.length);
}

/**
 * The members of an archive for all files, folders and symlinks of a folder, under a name of their own; Git's own
 * folder is left out. Owners and times are not in it, so equal files make equal archives.
 */
export async function* packFolder(folder: string, name: string): AsyncGenerator<Buffer> {
  yield headerOf({ name: `${name}/`, type: '5', size: 0, executable: true });
  for (const entry of (await readdir(folder)).sort()) {
    if (entry !== '.git') yield* packEntry(join(folder, entry), `${name}/${entry}`);
  }
}

/** What ends an archive. */
export function packEnd(): Buffer {
  return Buffer.alloc(2 * blockSize);
}

async function* packEntry(path: string, name: string): AsyncGenerator<Buffer> {
  const found = await lstat(path);
  if (found.isDirectory()) {
    yield* packFolder(path, name);
  } else if (found.isSymbolicLink()) {
    yield headerOf({ name, type: '2', size: 0, executable: false, target: await readlink(path) });
  } else if (found.isFile()) {
    yield headerOf({ name, type: '0', size: found.size, executable: (found.mode & 0o111) !== 0 });
    // A file that changes meanwhile would break the archive; the files of a commit don't.
    if (found.size > 0) yield* createReadStream(path);
    yield paddingOf(found.size);
  }
}

function headerOf(member: Member): Buffer {
  const { name, target = '' } = member;
  const records = [
    ...(Buffer.byteLength(name) > fieldBytes ? [recordOf('path', name)] : []),
    ...(Buffer.byteLength(target) > fieldBytes ? [recordOf('linkpath', target)] : []),
  ].join('');
  if (records === '') return plainHeader({ ...member, flag: member.type });
  const size = Buffer.byteLength(records);
  return Buffer.concat([
    plainHeader({ name: 'extended', size, executable: false, flag: 'x' }),
    Buffer.from(records),
    paddingOf(size),
    plainHeader({ ...member, flag: member.type }),
  ]);
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function recordOf(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function plainHeader(member: Omit<Member, 'type'> & { readonly flag: string }): Buffer {
  const header = Buffer.alloc(blockSize);
  header.write(member.name, 0, fieldBytes);
  header.write(octal(member.executable ? 0o755 : 0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(member.size, 11), 124);
  header.write(octal(0, 11), 136);
  header.fill(' ', 148, 156);
  header.write(member.flag, 156);
  header.write(member.target ?? '', 157, fieldBytes);
  header.write('ustar\0', 257, 'latin1');
  header.write('00', 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function paddingOf(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}
