import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { KeelsonError } from '../../core/errors.ts';
import { parseJson } from '../../core/object/json/json.ts';
import { type UnpackLimits, unpackTar } from '../archive/unpack.ts';
import { locate } from '../render/files/confine.ts';
import { TaskRequest, taskMembers } from './protocol.ts';
import type { PluginCopy } from './steps.ts';

export type ReceiveLimits = {
  /** For the archive as it comes. */
  readonly maxArchiveBytes: number;
  /** For the files in it. */
  readonly maxFileBytes: number;
  readonly maxMembers: number;
};

/** The reference's limits; a repository of 200,000 files is ten times larger than what a plugin should be sent. */
export const defaultReceiveLimits: ReceiveLimits = {
  maxArchiveBytes: 100_000_000,
  maxFileBytes: 1_000_000_000,
  maxMembers: 200_000,
};

/** A task that has come in: what is wanted, and the copy of the files to do it on. */
export type Received = { readonly request: TaskRequest; readonly copy: PluginCopy };

/** Unpacks the archive of a task into an empty folder. */
export async function receiveTask(
  body: IncomingMessage,
  folder: string,
  limits: ReceiveLimits,
  options: { readonly keepsModes: boolean; readonly signal: AbortSignal },
): Promise<Received> {
  const archive = join(folder, 'task.tar');
  await store(body, archive, limits.maxArchiveBytes);
  const unpacked = join(folder, 'task');
  await mkdir(unpacked);
  await unpack(archive, unpacked, { maxEntries: limits.maxMembers, maxBytes: limits.maxFileBytes }, options);
  const text = await readFile(join(unpacked, taskMembers.request), 'utf8');
  const request = TaskRequest.parse(parseJson(text));
  const root = join(unpacked, taskMembers.files);
  const place = await locate(root, root, request.path);
  if (place.kind !== 'found') {
    throw new KeelsonError(
      'invalid-argument',
      `${request.path}: folder is not among the files that were sent; correct the source's path`,
    );
  }
  return { request, copy: { root, folder: place.path } };
}

/** Reads on after too much, so that the sender is there to hear the reason. */
async function store(body: IncomingMessage, path: string, maxBytes: number): Promise<void> {
  let bytes = 0;
  await pipeline(
    body,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes <= maxBytes) yield chunk;
      }
    },
    createWriteStream(path, { mode: 0o600 }),
  );
  if (bytes > maxBytes) {
    throw new KeelsonError(
      'precondition-failed',
      `files of the source are ${bytes} bytes as an archive, and the plugin takes ${maxBytes}; make the repository smaller or raise --max-archive-bytes of the plugin`,
    );
  }
}

/** What helps against what is not unpacked; it is mostly one file that has an odd name. */
const remedies: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/symlink/, 'replace it by the file'],
  [/ bytes /, 'make the repository smaller or raise --max-file-bytes of the plugin'],
  [/ members and folders|headers/, 'leave out files that are not needed'],
];

async function unpack(
  archive: string,
  folder: string,
  limits: UnpackLimits,
  options: { readonly keepsModes: boolean; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await unpackTar(archive, folder, { gzip: false, limits, ...options });
  } catch (cause) {
    if (!(cause instanceof KeelsonError)) throw cause;
    const [why = ''] = cause.message.replace(/^the archive /, '').split('; ');
    const remedy = remedies.find(([pattern]) => pattern.test(why))?.[1] ?? 'rename it, or leave it out';
    throw new KeelsonError(
      'precondition-failed',
      `files of the source can't be given to the plugin: what was sent ${why.replaceAll(`${taskMembers.files}/`, '')}; ${remedy}`,
      { cause },
    );
  }
}
