import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isToolChosen, sourceKindOf } from '../../core/application/source/source.ts';
import type { SourceType } from '../../core/application/words.ts';
import type { ParameterAnnouncement } from '../../core/plugin/plugin-file.ts';
import { defaultToolSettings, type ToolSettings } from '../../core/settings/words/tool-settings.ts';
import { removeTree } from '../../platform/sandbox/remove.ts';
import type { Plugin } from '../plugin/plugin.ts';
import { renderDirectory } from './directory.ts';
import { buildVariables } from './environment.ts';
import { renderFailure } from './failure.ts';
import { findAppFolder } from './files/app-folder.ts';
import { overriddenSource } from './files/overrides.ts';
import { renderHelm } from './helm/helm.ts';
import { renderKustomize } from './kustomize/kustomize.ts';
import { announcedBy, pluginOf, renderPlugin, unaskedPlugins } from './plugin.ts';
import {
  defaultLimits,
  type FoundFolder,
  type Rendered,
  type Rendering,
  type RenderRequest,
  type RenderResult,
} from './request.ts';

export type { RefSource, RenderRequest, RenderResult, RenderTools } from './request.ts';

type Renderer = (folder: FoundFolder) => Promise<Rendered>;

const renderers: Readonly<Record<Exclude<SourceType, 'Plugin'>, Renderer>> = {
  Directory: renderDirectory,
  Helm: async (folder) => await renderHelm(await folder.onDisk()),
  Kustomize: async (folder) => await renderKustomize(await folder.onDisk()),
};

/** Turns one source into the objects it stands for. */
export async function renderSource(request: RenderRequest): Promise<RenderResult> {
  return await withFolder(request, async (folder, chosen, warnings) => {
    const plugin = await discovered(folder, chosen);
    if (plugin !== undefined) {
      const { manifests, warnings: more } = await renderPlugin(await folder.onDisk(), plugin);
      return { manifests, warnings: [...warnings, ...more], sourceType: 'Plugin' };
    }
    const sourceType = chosen === 'Plugin' ? 'Directory' : chosen;
    const rendered = await renderers[sourceType](folder);
    if (sourceType === 'Directory' && rendered.manifests.length === 0) {
      const unasked = await unaskedPlugins(folder);
      if (unasked !== undefined) {
        throw renderFailure(
          request,
          `it has no manifests that Keelson reads itself, and plugins were ${unasked}`,
        );
      }
    }
    return { ...rendered, warnings: [...warnings, ...rendered.warnings], sourceType };
  });
}

/** The tool of a source, and what can be set for it where that is a plugin. */
export async function describeTool(request: RenderRequest): Promise<{
  readonly type: SourceType;
  readonly announced: readonly ParameterAnnouncement[];
}> {
  return await withFolder(request, async (folder, type) => {
    const plugin = await discovered(folder, type);
    if (plugin === undefined) return { type, announced: [] };
    return { type: 'Plugin', announced: await announcedBy(await folder.onDisk(), plugin) };
  });
}

/** Plugins come before what the files of a folder look like, and after what the source itself says. */
async function discovered(folder: FoundFolder, chosen: SourceType): Promise<Plugin | undefined> {
  const mayBe = chosen === 'Plugin' || !isToolChosen(folder.source);
  return mayBe ? await pluginOf(folder) : undefined;
}

async function withFolder<T>(
  request: RenderRequest,
  work: (folder: FoundFolder, chosen: SourceType, warnings: readonly string[]) => Promise<T>,
): Promise<T> {
  const place = await findFolder(request);
  const { source, warnings } = await overriddenSource(request, place);
  const settings = request.settings ?? defaultToolSettings;
  const names = (await request.files.list(place)).map(({ name }) => name);
  const chosen = sourceKindOf(source, names, switchedOff(settings));
  let disk: Promise<Rendering> | undefined;
  const folder: FoundFolder = {
    ...request,
    ...{ source, place, settings },
    limits: { ...defaultLimits, ...request.limits },
    variables: buildVariables(request.application, source),
    onDisk: () => {
      disk ??= putOnDisk(folder);
      return disk;
    },
  };
  try {
    return await work(folder, chosen, warnings);
  } finally {
    // Where that failed there is nothing to remove, and the renderer has heard of it.
    const scratch = await disk?.then(
      (rendering) => rendering.scratch,
      () => undefined,
    );
    if (scratch !== undefined) await removeTree(scratch);
  }
}

async function putOnDisk(folder: FoundFolder): Promise<Rendering> {
  const root = await folder.files.root();
  const scratch = await mkdtemp(join(await realpath(tmpdir()), 'keelson-render-'));
  return { ...folder, root, folder: join(root, folder.place), scratch };
}

/** The tools that an installation has switched off. */
export function switchedOff({ enabled }: ToolSettings): ReadonlySet<SourceType> {
  const off: SourceType[] = [];
  if (!enabled.helm) off.push('Helm');
  if (!enabled.kustomize) off.push('Kustomize');
  return new Set(off);
}

async function findFolder(request: RenderRequest): Promise<string> {
  const { folder, fault } = await findAppFolder(request.files, request.source);
  if (fault === undefined) return folder;
  throw renderFailure(request, fault);
}
