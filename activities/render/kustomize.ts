import { rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { KustomizeSource } from '../../core/application/source-spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { readManifests } from '../../core/object/read-manifests.ts';
import { locate } from './confine.ts';
import { manifestFailure, type Remedy, renderFailure, withoutMachinePaths } from './failure.ts';
import { isRemote, readKustomization, surveyKustomization } from './kustomization.ts';
import { hasCharts, type KustomizedFolder, kustomizedFolders, placeCharts } from './kustomize-charts.ts';
import { applyKustomizeOptions, hasKustomizeOptions } from './kustomize-options.ts';
import { kustomizeProgram } from './kustomize-program.ts';
import type { Rendered, Rendering } from './request.ts';
import { stageFolder, stageFolders } from './stage.ts';
import { runTool } from './tool.ts';

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

/** Builds a kustomization with `kustomize build`, after the source's options have been written into a copy of it. */
export async function renderKustomize(rendering: Rendering): Promise<Rendered> {
  const options = rendering.source.kustomize ?? {};
  const program = kustomizeProgram(rendering, options);
  const { outside, remote } = await surveyKustomization(rendering.root, rendering.folder);
  if (outside !== undefined) {
    throw renderFailure(
      rendering,
      `${outside.file}: ${outside.reference} leads out of the repository; refer to a folder inside it`,
    );
  }
  const charted = program.rendersCharts ? await chartedFolders(rendering, options) : [];
  const isCopied = charted.length > 0 || hasKustomizeOptions(options);
  const folder = isCopied ? await editedCopy(rendering, options, charted) : rendering.folder;
  const { stdout, stderr } = await runTool(rendering, {
    name: 'kustomize build',
    path: program.path,
    args: ['build', folder, ...program.flags],
    cwd: folder,
    network: remote || (options.components ?? []).some(isRemote),
    programs: program.rendersCharts ? [rendering.tools.helm] : [],
    remedies,
  });
  const { manifests, issues } = readManifests(stdout, 'output of kustomize build');
  if (issues.length > 0) throw manifestFailure(rendering, issues);
  return { manifests, warnings: warningsOf(withoutMachinePaths(rendering, stderr)) };
}

/** All folders of a build when any of them has charts to fetch: they are written into, so they have to be copies. */
async function chartedFolders(rendering: Rendering, options: KustomizeSource): Promise<KustomizedFolder[]> {
  const { root, folder } = rendering;
  const components = (options.components ?? []).map((component) => locate(root, folder, component));
  const places = (await Promise.all(components)).flatMap((place) =>
    place.kind === 'found' ? [place.path] : [],
  );
  const folders = await kustomizedFolders(root, [folder, ...places]);
  return folders.some(hasCharts) ? folders : [];
}

async function stagedCopy(rendering: Rendering, charted: readonly KustomizedFolder[]): Promise<string> {
  const { root, folder, scratch } = rendering;
  const target = join(scratch, 'tree');
  if (charted.length === 0) return await stageFolder(root, folder, target);
  await stageFolders(
    root,
    charted.map((one) => one.folder),
    target,
  );
  const copyOf = (original: string): string => join(target, relative(root, original));
  await placeCharts(rendering, charted, copyOf);
  return copyOf(folder);
}

async function editedCopy(
  rendering: Rendering,
  options: KustomizeSource,
  charted: readonly KustomizedFolder[],
): Promise<string> {
  const found = await readKustomization(rendering.root, rendering.folder);
  if (found === undefined) {
    throw renderFailure(
      rendering,
      'the folder has no kustomization.yaml; add one or remove the kustomize options',
    );
  }
  const staged = await stagedCopy(rendering, charted);
  if (!hasKustomizeOptions(options)) return staged;
  const components = await usableComponents(rendering, options);
  try {
    const edited = applyKustomizeOptions(found.content, { ...options, components }, rendering.variables);
    const target = join(staged, basename(found.path));
    // A link would lead the write to the file it points to, out of the copy.
    await rm(target);
    await writeFile(target, JSON.stringify(edited), { flag: 'wx' });
  } catch (cause) {
    if (!(cause instanceof KeelsonError)) throw cause;
    throw renderFailure(rendering, cause.message, { code: cause.code, cause });
  }
  return staged;
}

async function usableComponents(rendering: Rendering, options: KustomizeSource): Promise<string[]> {
  const usable: string[] = [];
  for (const component of options.components ?? []) {
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

function warningsOf(stderr: string): string[] {
  return stderr
    .split('\n')
    .map((line) => line.replace(/^#\s*/, '').trim())
    .filter((line) => /warning/i.test(line));
}
