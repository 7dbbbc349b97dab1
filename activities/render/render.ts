import { mkdtemp, readdir, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isToolChosen, repositoryKindOf, sourceKindOf } from '../../core/application/source.ts';
import type { SourceType } from '../../core/application/status.ts';
import type { ParameterAnnouncement } from '../../core/plugin/plugin-file.ts';
import { defaultToolSettings, type ToolSettings } from '../../core/settings/tool-settings.ts';
import { removeTree } from '../../platform/sandbox/remove.ts';
import type { Plugin } from '../plugin/plugin.ts';
import { locate } from './confine.ts';
import { renderDirectory } from './directory.ts';
import { buildVariables } from './environment.ts';
import { renderFailure } from './failure.ts';
import { renderHelm } from './helm.ts';
import { renderKustomize } from './kustomize.ts';
import { overriddenSource } from './overrides.ts';
import { announcedBy, pluginOf, renderPlugin, unaskedPlugins } from './plugin.ts';
import {
  defaultLimits,
  type Rendered,
  type Rendering,
  type RenderRequest,
  type RenderResult,
} from './request.ts';

export type { RefSource, RenderRequest, RenderResult, RenderTools } from './request.ts';

type Renderer = (rendering: Rendering) => Promise<Rendered>;

const renderers: Readonly<Record<Exclude<SourceType, 'Plugin'>, Renderer>> = {
  Directory: renderDirectory,
  Helm: renderHelm,
  Kustomize: renderKustomize,
};

/** Turns one source, whose files are on disk, into the objects it stands for. */
export async function renderSource(request: RenderRequest): Promise<RenderResult> {
  return await withRendering(request, async (rendering, chosen) => {
    const plugin = await discovered(rendering, chosen);
    if (plugin !== undefined) return { ...(await renderPlugin(rendering, plugin)), sourceType: 'Plugin' };
    const sourceType = chosen === 'Plugin' ? 'Directory' : chosen;
    const rendered = await renderers[sourceType](rendering);
    if (sourceType === 'Directory' && rendered.manifests.length === 0) {
      const unasked = await unaskedPlugins(rendering);
      if (unasked !== undefined) {
        throw renderFailure(
          request,
          `it has no manifests that Keelson reads itself, and plugins were ${unasked}`,
        );
      }
    }
    return { ...rendered, sourceType };
  });
}

/** The tool of a source, and what can be set for it where that is a plugin. */
export async function describeTool(request: RenderRequest): Promise<{
  readonly type: SourceType;
  readonly announced: readonly ParameterAnnouncement[];
}> {
  return await withRendering(request, async (rendering, type) => {
    const plugin = await discovered(rendering, type);
    if (plugin === undefined) return { type, announced: [] };
    return { type: 'Plugin', announced: await announcedBy(rendering, plugin) };
  });
}

/** Plugins come before what the files of a folder look like, and after what the source itself says. */
async function discovered(rendering: Rendering, chosen: SourceType): Promise<Plugin | undefined> {
  const mayBe = chosen === 'Plugin' || !isToolChosen(rendering.source);
  return mayBe ? await pluginOf(rendering) : undefined;
}

async function withRendering<T>(
  request: RenderRequest,
  work: (rendering: Rendering, chosen: SourceType) => Promise<T>,
): Promise<T> {
  // Tools report real paths, so everything is told relative to the real root.
  const root = await realpath(request.root);
  const folder = await findFolder(request, root);
  const source = await overriddenSource(request, root, folder);
  const settings = request.settings ?? defaultToolSettings;
  const chosen = sourceKindOf(source, await readdir(folder), switchedOff(settings));
  const scratch = await mkdtemp(join(await realpath(tmpdir()), 'keelson-render-'));
  try {
    const rendering: Rendering = {
      ...request,
      ...{ source, root, folder, scratch, settings },
      limits: { ...defaultLimits, ...request.limits },
      variables: buildVariables(request.application, source),
    };
    return await work(rendering, chosen);
  } finally {
    await removeTree(scratch);
  }
}

/** The tools that an installation has switched off. */
export function switchedOff({ enabled }: ToolSettings): ReadonlySet<SourceType> {
  const off: SourceType[] = [];
  if (!enabled.helm) off.push('Helm');
  if (!enabled.kustomize) off.push('Kustomize');
  return new Set(off);
}

async function findFolder(request: RenderRequest, root: string): Promise<string> {
  const { source } = request;
  // What was fetched for a chart is the chart, and for an artifact it may be all there is.
  if (source.chart) return root;
  const path = source.path || (repositoryKindOf(source) === 'oci' ? '.' : '');
  if (path === '') throw renderFailure(request, 'the source has no path; set path, `.` for the root');
  const place = path.startsWith('/') ? undefined : await locate(root, root, path);
  if (place === undefined || place.kind === 'outside') {
    throw renderFailure(
      request,
      `${path}: app path leads out of the repository; use a path relative to its root`,
    );
  }
  if (place.kind === 'missing') {
    throw renderFailure(request, `${path}: app path does not exist; correct path or push the folder`);
  }
  if (!(await stat(place.path)).isDirectory()) {
    throw renderFailure(request, `${path}: app path is not a directory; use the folder it is in`);
  }
  return await realpath(place.path);
}
