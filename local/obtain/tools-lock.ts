import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { KeelsonError } from '../../core/errors.ts';

/** Where a publisher offers one tool for one platform. */
export const ToolDownload = z.strictObject({
  url: z.url({ protocol: /^https$/ }),
  /** Digest of the file at `url`; null where only the publisher's own checksum file is known. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** The publisher's checksum file; consulted when `sha256` is null. Without either nothing is downloaded. */
  checksumUrl: z.url({ protocol: /^https$/ }).nullable(),
  /** Path of the program inside the archive; null when the file is the program. */
  member: z.string().nullable(),
});
export type ToolDownload = z.infer<typeof ToolDownload>;

/** How Go builds one tool from a module under local/tools. */
export const GoBuild = z.strictObject({
  module: z.string(),
  package: z.string(),
  /** Go string variables set at link time, so that the program reports its version. */
  variables: z.record(z.string(), z.string()),
  /** Seconds the first build took on two cores; shown as what to expect. */
  expectedSeconds: z.number().positive(),
});
export type GoBuild = z.infer<typeof GoBuild>;

/** One pinned tool. */
export const PinnedTool = z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  /** Versions that are good enough when found on PATH. */
  accepts: z.string(),
  /** Completes the sentence "the tool ...". */
  why: z.string(),
  versionArguments: z.array(z.string()),
  /** Its first group is the version in the output of the program. */
  versionPattern: z.string(),
  downloads: z.record(z.string(), ToolDownload.nullable()),
  goBuild: GoBuild,
});
export type PinnedTool = z.infer<typeof PinnedTool>;

/** Every tool of the local platform and the Go version that can build them. */
export const ToolsLock = z.strictObject({
  goVersion: z.string(),
  tools: z.record(z.string(), PinnedTool),
});
export type ToolsLock = z.infer<typeof ToolsLock>;

/** Reads local/tools.lock.json, or the list that `KEELSON_TOOLS_LOCK` names: one with the addresses of a mirror. */
export function readToolsLock(
  text: string = readFileSync(process.env['KEELSON_TOOLS_LOCK'] || lockUrl, 'utf8'),
): ToolsLock {
  const parsed = ToolsLock.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new KeelsonError('internal', `local/tools.lock.json is malformed: ${z.prettifyError(parsed.error)}`);
}

const lockUrl = new URL('../tools.lock.json', import.meta.url);
