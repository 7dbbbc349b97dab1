import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { KeelsonError } from '../../core/errors.ts';
import { parseJson } from '../../core/object/json/json.ts';
import type { ApplicationRow } from '../../db/queries/application/application.ts';
import { deleteUpload, storeUpload } from '../../db/queries/application/upload.ts';
import type { ApiContext } from '../context.ts';
import { type Rendered, renderNow } from './render-at.ts';

/** Bytes of a request that brings files: base64 of an archive of 24 MiB. */
export const maxUploadBytes = 32 * 1024 * 1024;

const Line = z.object({
  query: z
    .object({
      name: z.string(),
      checksum: z.string().nullish(),
      appNamespace: z.string().nullish(),
      project: z.string().nullish(),
    })
    .nullish(),
  chunk: z.object({ chunk: z.string() }).nullish(),
});

/** Files of an application that were sent instead of its source's. */
export type UploadedFiles = {
  readonly name: string;
  readonly appNamespace?: string | undefined;
  readonly project?: string | undefined;
  /** Gzipped tar. */
  readonly archive: Buffer;
};

/** Reads the stream of JSON objects, one a line: first what it is about, then the archive in pieces of base64. */
export function readUpload(text: string): UploadedFiles {
  const [head, ...rest] = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readLine);
  if (!head?.query) throw invalid('its first line has no query; send {"query": {"name": ...}} first');
  const { name, checksum, appNamespace, project } = head.query;
  const archive = Buffer.concat(rest.map(({ chunk }) => Buffer.from(chunk?.chunk ?? '', 'base64')));
  if (archive.length === 0) throw invalid('it has no files; send them as {"chunk": {"chunk": BASE64}}');
  const sum = createHash('sha256').update(archive).digest('hex');
  if (checksum && checksum.toLowerCase() !== sum) throw invalid('its checksum differs; send it again');
  return { name, appNamespace: appNamespace ?? undefined, project: project ?? undefined, archive };
}

function readLine(line: string): z.output<typeof Line> {
  try {
    return Line.parse(parseJson(line));
  } catch (cause) {
    throw invalid('a line of it is not the expected JSON; send one object a line', cause);
  }
}

function invalid(what: string, cause?: unknown): KeelsonError {
  return new KeelsonError('invalid-argument', `upload can't be used: ${what}`, { cause });
}

/** What an application renders to with uploaded files. */
export async function renderFiles(c: ApiContext, row: ApplicationRow, archive: Buffer): Promise<Rendered> {
  const { db, keyring } = c.var.deps;
  const uploadId = await storeUpload(db, keyring, archive);
  try {
    return await renderNow(c, row, { uploadId });
  } finally {
    await deleteUpload(db, uploadId);
  }
}
