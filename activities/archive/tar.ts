import { archiveRefusal, type ListedMember } from '../../core/archive/layout.ts';
import { KeelsonError } from '../../core/errors.ts';
import { ownField } from '../../core/own-field.ts';

/** One member of a tar archive; its content must be read, or is skipped, before the next one is asked for. */
export type TarEntry = ListedMember & {
  readonly executable: boolean;
  content(): AsyncGenerator<Buffer>;
};

const blockSize = 512;
/** Of extended headers, which hold long names; real ones have some hundred bytes. */
const maxHeaderBytes = 64 * 1024;

const types: Readonly<Record<string, TarEntry['type']>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
};

/** What of an archive is read at most: every byte that comes out of it counts, and every header. */
export type ReadLimits = {
  readonly maxBytes: number;
  readonly maxHeaders: number;
  readonly signal?: AbortSignal | undefined;
};

/** Reads the members of a tar archive (ustar, with the extensions of POSIX and GNU for long names) as it arrives. */
export async function* readTar(archive: AsyncIterable<Buffer>, limits: ReadLimits): AsyncGenerator<TarEntry> {
  const bytes = createByteReader(archive, limits);
  let long: Extension = {};
  for (let headers = 0; ; headers += 1) {
    limits.signal?.throwIfAborted();
    if (headers > limits.maxHeaders) throw archiveRefusal(`has more than ${limits.maxHeaders} headers`);
    const header = await bytes.take(blockSize);
    // Two empty blocks end an archive; some writers leave out one or both.
    if (header === undefined || header.every((byte) => byte === 0)) return;
    checkSum(header);
    const flag = String.fromCharCode(header[156] ?? 0);
    const size = sizeOf(header);
    if (isExtension(flag)) {
      long = { ...long, ...parseExtension(flag, await headerText(bytes, size)) };
      continue;
    }
    const real = long.size ?? size;
    let left = real;
    const content = async function* (): AsyncGenerator<Buffer> {
      while (left > 0) {
        const chunk = await bytes.some(left);
        left -= chunk.length;
        yield chunk;
      }
    };
    yield {
      name: long.name ?? nameOf(header),
      type: ownField(types, flag) ?? 'other',
      target: long.target ?? textAt(header, 157, 100),
      size: real,
      executable: (numberAt(header, 100, 8) & 0o111) !== 0,
      content,
    };
    for await (const _ of content());
    await bytes.take(paddingOf(real));
    long = {};
  }
}

type Extension = { readonly name?: string; readonly target?: string; readonly size?: number };

function isExtension(flag: string): boolean {
  return 'xgLK'.includes(flag);
}

/** What a header says of the member after it; a global header (`g`) says nothing that counts here. */
function parseExtension(flag: string, text: Buffer): Extension {
  if (flag === 'x') return parsePax(text);
  if (flag === 'L') return { name: cut(text) };
  return flag === 'K' ? { target: cut(text) } : {};
}

type ByteReader = {
  /** Exactly this many bytes; undefined at the end of the archive. */
  take(count: number): Promise<Buffer | undefined>;
  /** At least one and at most this many bytes. */
  some(most: number): Promise<Buffer>;
};

function createByteReader(source: AsyncIterable<Buffer>, { maxBytes, signal }: ReadLimits): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let total = 0;
  const more = async (): Promise<boolean> => {
    signal?.throwIfAborted();
    const next = await iterator.next();
    if (next.done === true) return false;
    total += next.value.length;
    if (total > maxBytes) {
      throw archiveRefusal(`has more than ${maxBytes} bytes when unpacked, with all that is in no file`);
    }
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value]);
    return true;
  };
  const cutOff = (count: number): Buffer => {
    const taken = held.subarray(0, count);
    held = held.subarray(count);
    return taken;
  };
  return {
    take: async (count) => {
      while (held.length < count) {
        if (await more()) continue;
        if (held.length === 0) return undefined;
        throw damagedArchive('ends in the middle of a member');
      }
      return cutOff(count);
    },
    some: async (most) => {
      while (held.length === 0) if (!(await more())) throw damagedArchive('ends in the middle of a member');
      return cutOff(Math.min(most, held.length));
    },
  };
}

async function headerText(bytes: ByteReader, size: number): Promise<Buffer> {
  if (size > maxHeaderBytes) throw damagedArchive(`has an extended header of ${size} bytes`);
  const text = await bytes.take(size);
  if (text === undefined) throw damagedArchive('ends in the middle of a header');
  await bytes.take(paddingOf(size));
  return text;
}

/** Records of the form `<length> <key>=<value>\n`, lengths in bytes. */
function parsePax(text: Buffer): Extension {
  let found: Extension = {};
  for (let start = 0; start < text.length; ) {
    const space = text.indexOf(0x20, start);
    const length = space === -1 ? 0 : Number(text.toString('latin1', start, space));
    if (!Number.isInteger(length) || length <= space - start || start + length > text.length) {
      throw damagedArchive('has a malformed extended header');
    }
    const record = text.toString('utf8', space + 1, start + length - 1);
    const equals = record.indexOf('=');
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
    // Its content would be written with the list of its holes in front, under a name that stands for another.
    if (key.startsWith('GNU.sparse.')) throw archiveRefusal('has a sparse file');
    if (key === 'path') found = { ...found, name: value };
    if (key === 'linkpath') found = { ...found, target: value };
    if (key === 'size') found = { ...found, size: wholeNumber(value, 10) };
    start += length;
  }
  return found;
}

function nameOf(header: Buffer): string {
  const name = textAt(header, 0, 100);
  const isPosix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? textAt(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function sizeOf(header: Buffer): number {
  // GNU writes sizes from 8 GiB on in binary; no chart or artifact has such a file.
  if (((header[124] ?? 0) & 0x80) !== 0) throw damagedArchive('has a member of more than 8 GiB');
  return numberAt(header, 124, 12);
}

function checkSum(header: Buffer): void {
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  const written = textAt(header, 148, 8).trim();
  if (!/^[0-7]+$/.test(written) || sum !== Number.parseInt(written, 8))
    throw damagedArchive('is no tar archive, or is damaged (checksum)');
}

function numberAt(header: Buffer, start: number, length: number): number {
  return wholeNumber(textAt(header, start, length).trim() || '0', 8);
}

function wholeNumber(text: string, base: number): number {
  const value = /^\d+$/.test(text) ? Number.parseInt(text, base) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw damagedArchive('has a malformed number in a header');
}

function textAt(header: Buffer, start: number, length: number): string {
  return cut(header.subarray(start, start + length));
}

function cut(text: Buffer): string {
  const end = text.indexOf(0);
  return text.toString('utf8', 0, end === -1 ? text.length : end);
}

function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** The failure of an archive that can't be read, in the same form. */
export function damagedArchive(what: string): KeelsonError {
  return new KeelsonError('source-unreachable', `the archive ${what}; pack and publish it again`);
}
