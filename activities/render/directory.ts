import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import type { DirectorySource } from '../../core/application/source-spec.ts';
import { globPattern } from '../../core/glob.ts';
import type { Manifest } from '../../core/object/manifest.ts';
import {
  isSkipped,
  type ManifestIssue,
  type ReadManifests,
  readDirectoryFile,
} from '../../core/object/read-manifests.ts';
import { locate } from './confine.ts';
import { manifestFailure, renderFailure } from './failure.ts';
import { type EvaluateJsonnet, jsonnetEvaluator } from './jsonnet.ts';
import type { Rendered, Rendering } from './request.ts';

const manifestName = /\.(yaml|yml|json|jsonnet)$/;

/** Reads the plain manifests of a folder, in the lexical order of a walk. */
export async function renderDirectory(rendering: Rendering): Promise<Rendered> {
  const options = rendering.source.directory ?? {};
  let jsonnet: EvaluateJsonnet | undefined;
  const manifests: Manifest[] = [];
  const issues: ManifestIssue[] = [];
  const paths = await manifestFiles(rendering, options);
  await checkSize(rendering, paths);
  for (const path of paths) {
    const name = relative(rendering.root, path);
    const text = await readFile(path, 'utf8');
    let read: ReadManifests;
    if (extname(path) === '.jsonnet') {
      if (isSkipped(text)) continue;
      jsonnet ??= await jsonnetEvaluator(rendering, options.jsonnet);
      read = await jsonnet(path);
    } else {
      read = readDirectoryFile(text, name);
    }
    manifests.push(...read.manifests);
    issues.push(...read.issues);
  }
  if (issues.length > 0) throw manifestFailure(rendering, issues);
  return { manifests, warnings: [] };
}

/** Before any is read; Jsonnet files don't count, since their size says nothing of what they make. */
async function checkSize(rendering: Rendering, paths: readonly string[]): Promise<void> {
  const { maxDirectoryBytes } = rendering.limits;
  let total = 0;
  for (const path of paths) {
    if (extname(path) === '.jsonnet') continue;
    total += (await stat(path)).size;
    if (total <= maxDirectoryBytes) continue;
    throw renderFailure(
      rendering,
      `${relative(rendering.root, path)}: exceeded max combined manifest file size (${maxDirectoryBytes} bytes); split the folder into several applications`,
    );
  }
}

async function manifestFiles(rendering: Rendering, options: DirectorySource): Promise<string[]> {
  const exclude = options.exclude ? globPattern(options.exclude) : undefined;
  const include = options.include ? globPattern(options.include) : undefined;
  const files: string[] = [];
  for await (const path of walk(rendering, rendering.folder, options.recurse === true)) {
    const name = relative(rendering.folder, path);
    if (exclude?.test(name) === true) continue;
    if (include?.test(name) === false) continue;
    if (extname(path) === '.jsonnet' && !rendering.settings.enabled.jsonnet) continue;
    files.push(path);
  }
  return files;
}

async function* walk(rendering: Rendering, folder: string, recurse: boolean): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (recurse && entry.name !== '.git') yield* walk(rendering, path, recurse);
      continue;
    }
    if (!manifestName.test(entry.name)) continue;
    if (entry.isFile() || (await isLinkedFile(rendering, folder, entry.name))) yield path;
  }
}

/** A symlink counts when it leads to a file of the repository; a dangling one is left out, as are linked folders. */
async function isLinkedFile(rendering: Rendering, folder: string, name: string): Promise<boolean> {
  const place = await locate(rendering.root, folder, name);
  if (place.kind === 'outside') {
    const path = relative(rendering.root, join(folder, name));
    throw renderFailure(
      rendering,
      `${path}: the symlink leads out of the repository; replace it by the file`,
    );
  }
  return place.kind === 'found' && (await stat(place.path)).isFile();
}
