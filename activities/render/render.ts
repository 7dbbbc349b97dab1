import { mkdtemp, readdir, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryKindOf, sourceKindOf } from '../../core/application/source.ts';
import type { SourceType } from '../../core/application/status.ts';
import { defaultToolSettings, type ToolSettings } from '../../core/settings/tool-settings.ts';
import { removeTree } from '../../platform/sandbox/remove.ts';
import { locate } from './confine.ts';
import { renderDirectory } from './directory.ts';
import { buildVariables } from './environment.ts';
import { renderFailure } from './failure.ts';
import { renderHelm } from './helm.ts';
import { renderKustomize } from './kustomize.ts';
import { overriddenSource } from './overrides.ts';
import {
  defaultLimits,
  type Rendered,
  type Rendering,
  type RenderRequest,
  type RenderResult,
} from './request.ts';

export type { RefSource, RenderRequest, RenderResult, RenderTools } from './request.ts';

type Renderer = (rendering: Rendering) => Promise<Rendered>;

const renderers: Readonly<Record<SourceType, Renderer | undefined>> = {
  Directory: renderDirectory,
  Helm: renderHelm,
  Kustomize: renderKustomize,
  Plugin: undefined,
};

/** Turns one source, whose files are on disk, into the objects it stands for. */
export async function renderSource(request: RenderRequest): Promise<RenderResult> {
  // Tools report real paths, so everything is told relative to the real root.
  const root = await realpath(request.root);
  const folder = await findFolder(request, root);
  const source = await overriddenSource(request, root, folder);
  const settings = request.settings ?? defaultToolSettings;
  const sourceType = sourceKindOf(source, await readdir(folder), switchedOff(settings));
  const render = renderers[sourceType];
  if (render === undefined) {
    throw renderFailure(
      request,
      `sources of type ${sourceType} are not supported yet; use plain YAML, Kustomize or Helm`,
    );
  }
  const scratch = await mkdtemp(join(await realpath(tmpdir()), 'keelson-render-'));
  try {
    const { manifests, warnings } = await render({
      ...request,
      source,
      root,
      folder,
      scratch,
      limits: { ...defaultLimits, ...request.limits },
      settings,
      variables: buildVariables(request.application, source),
    });
    return { manifests, sourceType, warnings };
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
