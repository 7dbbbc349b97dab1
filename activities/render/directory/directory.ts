import { extname, join } from 'node:path';
import type { DirectorySource } from '../../../core/application/source/source-spec.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import {
  isSkipped,
  type ManifestIssue,
  type ReadManifests,
  readDirectoryFile,
} from '../../../core/object/manifest/read-manifests.ts';
import { below } from '../../../core/render/tree.ts';
import { doubtWarning } from '../../../core/render-trust.ts';
import { globPattern } from '../../../core/text/glob.ts';
import { manifestFailure, renderFailure } from '../failure.ts';
import { unaskedPlugins } from '../plugin/plugin.ts';
import type { FoundFolder, Rendered } from '../request.ts';
import { type EvaluateJsonnet, jsonnetEvaluator } from './jsonnet.ts';

const manifestName = /\.(yaml|yml|json|jsonnet)$/;

/** Reads the plain manifests of a folder, in the lexical order of a walk. */
export async function renderDirectory(found: FoundFolder): Promise<Rendered> {
  const options = found.source.directory ?? {};
  let jsonnet: EvaluateJsonnet | undefined;
  const manifests: Manifest[] = [];
  const issues: ManifestIssue[] = [];
  const warnings: string[] = [];
  const paths = await manifestFiles(found, options);
  await checkSize(found, paths);
  for (const path of paths) {
    const text = await found.files.read(path);
    let read: ReadManifests;
    if (extname(path) === '.jsonnet') {
      if (isSkipped(text)) continue;
      const rendering = await found.onDisk();
      jsonnet ??= await jsonnetEvaluator(rendering, options.jsonnet);
      read = await jsonnet(join(rendering.root, path));
    } else {
      read = readDirectoryFile(text, path);
    }
    manifests.push(...read.manifests);
    issues.push(...read.issues);
    warnings.push(...read.doubts.map(doubtWarning));
  }
  if (issues.length > 0) throw manifestFailure(found, issues);
  if (manifests.length === 0) await refuseUnasked(found);
  return { manifests, warnings };
}

/** A folder without manifests may be that of a plugin that couldn't be asked. */
async function refuseUnasked(found: FoundFolder): Promise<void> {
  const unasked = await unaskedPlugins(found);
  if (unasked === undefined) return;
  throw renderFailure(found, `it has no manifests that Keelson reads itself, and plugins were ${unasked}`);
}

/** Before any is read; Jsonnet files don't count, since their size says nothing of what they make. */
async function checkSize(found: FoundFolder, paths: readonly string[]): Promise<void> {
  const { maxDirectoryBytes } = found.limits;
  let total = 0;
  for (const path of paths) {
    if (extname(path) === '.jsonnet') continue;
    total += await found.files.size(path);
    if (total <= maxDirectoryBytes) continue;
    throw renderFailure(
      found,
      `${path}: exceeded max combined manifest file size (${maxDirectoryBytes} bytes); split the folder into several applications`,
    );
  }
}

async function manifestFiles(found: FoundFolder, options: DirectorySource): Promise<string[]> {
  const exclude = options.exclude ? globPattern(options.exclude) : undefined;
  const include = options.include ? globPattern(options.include) : undefined;
  const start = found.path === '' ? 0 : found.path.length + 1;
  const files: string[] = [];
  for await (const path of walk(found, found.path, options.recurse === true)) {
    const name = path.slice(start);
    if (exclude?.test(name) === true) continue;
    if (include?.test(name) === false) continue;
    if (extname(path) === '.jsonnet' && !found.settings.enabled.jsonnet) continue;
    files.push(path);
  }
  return files;
}

async function* walk(found: FoundFolder, folder: string, recurse: boolean): AsyncGenerator<string> {
  const entries = [...(await found.files.list(folder))];
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const { name, kind } of entries) {
    const path = below(folder, name);
    if (kind === 'folder') {
      if (recurse && name !== '.git') yield* walk(found, path, recurse);
      continue;
    }
    if (!manifestName.test(name)) continue;
    if (kind === 'file' || (await isLinkedFile(found, folder, name))) yield path;
  }
}

/** A symlink counts when it leads to a file of the repository; a dangling one is left out, as are linked folders. */
async function isLinkedFile(found: FoundFolder, folder: string, name: string): Promise<boolean> {
  const target = await found.files.find(folder, name);
  if (target.kind === 'outside') {
    throw renderFailure(
      found,
      `${below(folder, name)}: the symlink leads out of the repository; replace it by the file`,
    );
  }
  return target.kind === 'file';
}
