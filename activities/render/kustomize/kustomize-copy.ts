import { constants, copyFile, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { KustomizeSource } from '../../../core/application/source/source-spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { isPathGlob } from '../../../core/text/path-glob.ts';
import { type Remedy, renderFailure } from '../failure.ts';
import { locate } from '../files/confine.ts';
import { stageFolder } from '../files/stage.ts';
import type { Rendering } from '../request.ts';
import { runTool } from '../tool.ts';
import { isKustomizationName, isRemote } from './kustomization.ts';
import {
  type Edit,
  insertPatches,
  kustomizeEdits,
  type MarkedPatch,
  markPatches,
} from './kustomize-edits.ts';

const remedies: readonly Remedy[] = [
  {
    pattern: /label .{0,500} already in kustomization/i,
    remedy: 'remove it there or set forceCommonLabels',
  },
  {
    pattern: /annotation .{0,500} already in kustomization/i,
    remedy: 'remove it there or set forceCommonAnnotations',
  },
  { pattern: /<image>/, remedy: 'write kustomize.images as name=new:tag, name:tag or name@digest' },
  { pattern: /has no match/i, remedy: 'correct kustomize.components, or set ignoreMissingComponents' },
];

/** A copy of a source's folder whose kustomization has been edited, and the name of that file. */
export type EditedCopy = { readonly folder: string; readonly file: string };

/**
 * Copies the folder of a kustomization and has `kustomize edit` change it as the source's options say. The tool reads
 * the file and writes it: whatever it can read is kept, and what it can't read is a failure.
 */
export async function editedCopy(
  rendering: Rendering,
  program: string,
  options: KustomizeSource,
): Promise<EditedCopy> {
  const components = await usableComponents(rendering, options);
  const folder = await stageFolder(rendering.root, rendering.folder, join(rendering.scratch, 'edited'));
  const file = await ownFile(rendering, folder);
  const edit = async (args: Edit, network = false): Promise<void> => {
    await runTool(rendering, {
      name: `kustomize edit ${nameOf(args)}`,
      path: program,
      args: ['edit', ...args],
      cwd: folder,
      network,
      remedies,
    });
  };
  try {
    for (const args of kustomizeEdits(options, rendering.variables)) await edit(args);
    const marked = markPatches(options.patches ?? []);
    for (const { mark } of marked) await edit(['add', 'patch', '--patch', mark]);
    if (marked.length > 0) await writePatches(join(folder, file), marked);
    // One that is fetched is looked for when it is added.
    if (components.length > 0) {
      await edit(['add', 'component', '--', ...components], components.some(isRemote));
    }
  } catch (cause) {
    if (!(cause instanceof KeelsonError) || cause.message.startsWith('repository ')) throw cause;
    throw renderFailure(rendering, cause.message, { code: cause.code, retryable: cause.retryable, cause });
  }
  return { folder, file };
}

/** Values of labels and annotations may be long; the names of images say which one is meant. */
function nameOf(args: Edit): string {
  return args[1] === 'image' ? args.join(' ') : args.slice(0, 2).join(' ');
}

/** The kustomization in a copy, as a file of its own: the tool would write through a link, into the original. */
async function ownFile(rendering: Rendering, copy: string): Promise<string> {
  const names = (await readdir(copy)).filter(isKustomizationName);
  const [file] = names;
  if (file === undefined) {
    throw renderFailure(
      rendering,
      'the folder has no kustomization.yaml; add one or remove the kustomize options',
    );
  }
  for (const name of names) {
    if (!(await lstat(join(copy, name))).isSymbolicLink()) continue;
    const place = await locate(rendering.root, rendering.folder, name);
    if (place.kind !== 'found') {
      throw renderFailure(
        rendering,
        `${relative(rendering.root, join(rendering.folder, name))}: the symlink leads to no file of the repository; replace it by the file`,
      );
    }
    await rm(join(copy, name));
    await copyFile(place.path, join(copy, name), constants.COPYFILE_EXCL);
  }
  return file;
}

async function writePatches(path: string, marked: readonly MarkedPatch[]): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const text = await handle.readFile('utf8').finally(() => handle.close());
  const next = `${path}.patched`;
  const target = await open(next, 'wx', 0o644);
  await target.writeFile(insertPatches(text, marked)).finally(() => target.close());
  await rename(next, path);
}

async function usableComponents(rendering: Rendering, options: KustomizeSource): Promise<string[]> {
  const usable: string[] = [];
  for (const component of options.components ?? []) {
    // The tool finds what a pattern stands for.
    if (isPathGlob(component)) {
      usable.push(component);
      continue;
    }
    const place = await locate(rendering.root, rendering.folder, component);
    if (place.kind === 'outside') {
      throw renderFailure(
        rendering,
        `component ${component} leads out of the repository; use a path inside it`,
      );
    }
    if (place.kind === 'missing' && options.ignoreMissingComponents === true) continue;
    usable.push(component);
  }
  return usable;
}
