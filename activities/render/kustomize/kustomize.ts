import { constants, copyFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readPrintedManifests } from '../../../core/object/manifest/read-manifests.ts';
import { doubtWarning } from '../../../core/render-trust.ts';
import { manifestFailure, type Remedy, renderFailure, withoutMachinePaths } from '../failure.ts';
import { stageFolders } from '../files/stage.ts';
import type { Rendered, Rendering } from '../request.ts';
import { runTool } from '../tool.ts';
import { type KustomizationFile, readKustomization, surveyKustomization } from './kustomization.ts';
import { hasCharts, type KustomizedFolder, kustomizedFolders, writeCharts } from './kustomize-charts.ts';
import { type EditedCopy, editedCopy } from './kustomize-copy.ts';
import { hasKustomizeOptions } from './kustomize-edits.ts';
import { kustomizeProgram } from './kustomize-program.ts';

const remedies: readonly Remedy[] = [
  {
    pattern: /is not in or below/i,
    remedy: 'files must be in or below the folder of their kustomization; refer to a folder with one instead',
  },
  {
    pattern: /must specify --enable-helm|enable-helm/i,
    remedy:
      'charts inside kustomizations are rendered with --enable-helm in kustomize.buildOptions of argocd-cm',
  },
  {
    pattern: /plugin|--enable-alpha|--enable-exec/i,
    remedy: 'plugins that start programs are not run; generate the objects before committing',
  },
  {
    pattern: /no such file|not exist|must resolve to a file/i,
    remedy: 'add the missing file or correct its path',
  },
];

/** Builds a kustomization with `kustomize build`, after the source's options have been edited into a copy of it. */
export async function renderKustomize(rendering: Rendering): Promise<Rendered> {
  const options = rendering.source.kustomize ?? {};
  const program = kustomizeProgram(rendering, options);
  const { root } = rendering;
  const edited = hasKustomizeOptions(options)
    ? await editedCopy(rendering, program.path, options)
    : undefined;
  const file = edited === undefined ? undefined : await readEdited(rendering, edited);
  const { outside, remote } = await surveyKustomization(root, rendering.folder, file);
  if (outside !== undefined) {
    throw renderFailure(
      rendering,
      `${outside.file}: ${outside.reference} leads out of the repository; refer to a folder inside it`,
    );
  }
  const folders = program.rendersCharts ? await kustomizedFolders(root, rendering.folder, file) : [];
  const folder = folders.some(hasCharts)
    ? await chartedCopy(rendering, folders, edited)
    : (edited?.folder ?? rendering.folder);
  const { stdout, stderr } = await runTool(rendering, {
    name: 'kustomize build',
    path: program.path,
    args: ['build', folder, ...program.flags],
    cwd: folder,
    network: remote,
    programs: program.rendersCharts ? [rendering.tools.helm] : [],
    remedies,
  });
  const { manifests, issues, doubts } = readPrintedManifests(stdout, 'output of kustomize build');
  if (issues.length > 0) throw manifestFailure(rendering, issues);
  const warnings = warningsOf(withoutMachinePaths(rendering, stderr));
  return { manifests, warnings: [...doubts.map(doubtWarning), ...warnings] };
}

/** The edited kustomization under the name of the original, from whose folder its references start. */
async function readEdited(rendering: Rendering, { folder, file }: EditedCopy): Promise<KustomizationFile> {
  const found = await readKustomization(rendering.scratch, folder);
  return { path: join(rendering.folder, file), content: found?.content };
}

/** A copy of all folders of a build, with the charts in them that Kustomize would fetch. */
async function chartedCopy(
  rendering: Rendering,
  folders: readonly KustomizedFolder[],
  edited: EditedCopy | undefined,
): Promise<string> {
  const { root, folder, scratch } = rendering;
  const target = join(scratch, 'tree');
  await stageFolders(
    root,
    folders.map((one) => one.folder),
    target,
  );
  const copyOf = (original: string): string => join(target, relative(root, original));
  await writeCharts(rendering, folders, copyOf);
  if (edited !== undefined) {
    const own = join(copyOf(folder), edited.file);
    // A link would lead the write to the file it points to, out of the copy.
    await rm(own);
    await copyFile(join(edited.folder, edited.file), own, constants.COPYFILE_EXCL);
  }
  return copyOf(folder);
}

function warningsOf(stderr: string): string[] {
  return stderr
    .split('\n')
    .map((line) => line.replace(/^#\s*/, '').trim())
    .filter((line) => /warning/i.test(line));
}
