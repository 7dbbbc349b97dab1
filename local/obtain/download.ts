import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { KeelsonError } from '../../core/errors.ts';
import type { Obtaining } from './artefact.ts';
import type { ToolDownload } from './tools-lock.ts';

const run = promisify(execFile);

/** Fetches official releases; hosts that can't be reached are remembered, so ten tools don't each wait. */
export type Downloader = {
  /** Places the verified program at `output`; `how.progress` hears a phrase such as `34 of 61 MB`. */
  fetchTool(
    download: ToolDownload,
    output: string,
    how: Pick<Obtaining, 'signal' | 'progress'>,
  ): Promise<void>;
};

/** A reachable host answers within a few hundred milliseconds; a firewalled one never does. */
const connectTimeoutMs = 5000;
/** A transfer in which nothing arrives for this long is given up. */
const silenceTimeoutMs = 30_000;

/** One downloader per run of the program. */
export function createDownloader(): Downloader {
  const unreachable = new Map<string, unknown>();
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: connectTimeoutMs },
    headersTimeout: silenceTimeoutMs,
    bodyTimeout: silenceTimeoutMs,
  });

  const open = async (url: string, signal: AbortSignal) => {
    const { host } = new URL(url);
    if (unreachable.has(host)) throw cannotReach(host, unreachable.get(host));
    const response = await fetch(url, { dispatcher, signal }).catch((cause: unknown) => {
      signal.throwIfAborted();
      unreachable.set(host, cause);
      throw cannotReach(host, cause);
    });
    if (response.ok && response.body !== null) return { body: response.body, headers: response.headers };
    throw new KeelsonError('unavailable', `${url} answered ${response.status}`);
  };

  const expectedDigest = async (download: ToolDownload, signal: AbortSignal): Promise<string> => {
    if (download.sha256 !== null) return download.sha256;
    if (download.checksumUrl === null) {
      throw new KeelsonError('unavailable', `${download.url} has no known checksum and is not used`);
    }
    const { body } = await open(download.checksumUrl, signal);
    const text = Buffer.concat(await Readable.fromWeb(body).toArray()).toString('utf8');
    return readChecksum(text, download);
  };

  return {
    fetchTool: async (download, output, { signal, progress }) => {
      const expected = await expectedDigest(download, signal);
      const folder = mkdtempSync(join(dirname(output), '.download-'));
      try {
        const file = join(folder, 'file');
        const { body, headers } = await open(download.url, signal);
        const total = Number(headers.get('content-length') ?? 0);
        await pipeline(Readable.fromWeb(body), counted(total, progress), createWriteStream(file), { signal });
        const actual = await digestOf(file);
        if (actual !== expected) {
          throw new KeelsonError(
            'precondition-failed',
            `${download.url} has the digest ${actual} instead of ${expected} and is not used`,
          );
        }
        renameSync(await unpack(file, download.member, folder), output);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Finds a file's digest in a publisher's checksum file: one bare digest, or lines of digest and file name. */
export function readChecksum(text: string, download: ToolDownload): string {
  const fileName = decodeURIComponent(new URL(download.url).pathname).split('/').at(-1) ?? '';
  const rows = text
    .split('\n')
    .map((line) => line.trim().split(/\s+\*?/))
    .filter(([digest]) => /^[0-9a-f]{64}$/.test(digest ?? ''));
  const bare = rows.length === 1 && rows[0]?.length === 1 ? rows[0] : undefined;
  const row = bare ?? rows.find(([, name]) => name === fileName);
  if (row?.[0] !== undefined) return row[0];
  throw new KeelsonError(
    'unavailable',
    `${download.checksumUrl ?? 'checksum file'} does not list ${fileName}`,
  );
}

function cannotReach(host: string, cause: unknown): KeelsonError {
  return new KeelsonError('unavailable', `${host} cannot be reached`, { cause, retryable: true });
}

function counted(total: number, progress: (phrase: string) => void) {
  return async function* count(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let received = 0;
    for await (const chunk of chunks) {
      received += chunk.length;
      progress(total > 0 ? `${megabytes(received)} of ${megabytes(total)} MB` : `${megabytes(received)} MB`);
      yield chunk;
    }
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** The system's tar reads gzip everywhere and zip on macOS, where the only zip archives are used. */
async function unpack(file: string, member: string | null, folder: string): Promise<string> {
  if (member === null) return file;
  await run('tar', ['-xf', file, '-C', folder, member]);
  return join(folder, member);
}
