import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { KustomizeSource } from '../../core/application/source-spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { readManifests } from '../../core/object/read-manifests.ts';
import { locate } from './confine.ts';
import { manifestFailure, type Remedy, renderFailure, withoutMachinePaths } from './failure.ts';
import { isRemote, readKustomization, surveyKustomization } from './kustomization.ts';
import { applyKustomizeOptions, hasKustomizeOptions } from './kustomize-options.ts';
import type { Rendered, Rendering } from './request.ts';
import { stageFolder } from './stage.ts';
import { runTool } from './tool.ts';

const remedies: readonly Remedy[] = [
  {
    pattern: /is not in or below/i,
    remedy: 'files must be in or below the folder of their kustomization; refer to a folder with one instead',
  },
  {
    pattern: /must specify --enable-helm|enable-helm/i,
    remedy: 'Helm charts inside a kustomization are not supported yet',
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
  if (options.version) {
    throw renderFailure(
      rendering,
      `kustomize.version ${options.version}: choosing a version is not supported yet; remove it to use the built-in one`,
    );
  }
  const { outside, remote } = await surveyKustomization(rendering.root, rendering.folder);
  if (outside !== undefined) {
    throw renderFailure(
      rendering,
      `${outside.file}: ${outside.reference} leads out of the repository; refer to a folder inside it`,
    );
  }
  const folder = hasKustomizeOptions(options) ? await editedCopy(rendering, options) : rendering.folder;
  const { stdout, stderr } = await runTool(rendering, {
    name: 'kustomize build',
    path: rendering.tools.kustomize,
    args: ['build', folder],
    cwd: folder,
    network: remote || (options.components ?? []).some(isRemote),
    remedies,
  });
  const { manifests, issues } = readManifests(stdout, 'output of kustomize build');
  if (issues.length > 0) throw manifestFailure(rendering, issues);
  return { manifests, warnings: warningsOf(withoutMachinePaths(rendering, stderr)) };
}

async function editedCopy(rendering: Rendering, options: KustomizeSource): Promise<string> {
  const found = await readKustomization(rendering.root, rendering.folder);
  if (found === undefined) {
    throw renderFailure(
      rendering,
      'the folder has no kustomization.yaml; add one or remove the kustomize options',
    );
  }
  const staged = await stageFolder(rendering.root, rendering.folder, join(rendering.scratch, 'tree'));
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
