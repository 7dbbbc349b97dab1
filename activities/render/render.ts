import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceType } from '../../core/application/words.ts';
import type { ParameterAnnouncement } from '../../core/plugin/plugin-file.ts';
import { isToolChosen, recogniseTool } from '../../core/render/recognise.ts';
import { namesIn } from '../../core/render/tool.ts';
import { defaultToolSettings } from '../../core/settings/words/tool-settings.ts';
import { removeTree } from '../../platform/sandbox/remove.ts';
import { buildVariables } from './environment.ts';
import { renderFailure } from './failure.ts';
import { findAppFolder } from './files/app-folder.ts';
import { overriddenSource } from './files/overrides.ts';
import { renderers } from './renderers.ts';
import {
  defaultLimits,
  type FoundFolder,
  type Rendering,
  type RenderRequest,
  type RenderResult,
} from './request.ts';
import type { Claim, Renderers } from './tool-renderer.ts';

export type { RenderRequest, RenderResult, RenderTools } from './request.ts';

/** Turns one source into the objects it stands for. */
export function renderSource(request: RenderRequest): Promise<RenderResult> {
  return renderWith(renderers, request);
}

/** The same with the renderers of a table. */
export async function renderWith<Name extends string>(
  table: Renderers<Name>,
  request: RenderRequest,
): Promise<RenderResult> {
  return await withFolder(table, request, async (folder, tool, warnings) => {
    const claimed = await claimOf(table, folder);
    const rendered = await (claimed?.render() ?? table[tool].render(folder));
    const sourceType = claimed?.tool ?? tool;
    return { ...rendered, warnings: [...warnings, ...rendered.warnings], sourceType };
  });
}

/** The tool of a source, and what can be set for it where the tool says that itself. */
export async function describeTool(request: RenderRequest): Promise<{
  readonly type: SourceType;
  readonly announced: readonly ParameterAnnouncement[];
}> {
  return await withFolder(renderers, request, async (folder, tool) => {
    const claimed = await claimOf(renderers, folder);
    if (claimed !== undefined) return { type: claimed.tool, announced: await claimed.parameters() };
    return { type: tool, announced: (await renderers[tool].parameters?.(folder)) ?? [] };
  });
}

/** The first renderer that claims a folder which nobody named a tool for; what the files' names say comes after it. */
async function claimOf<Name extends string>(
  table: Renderers<Name>,
  folder: FoundFolder,
): Promise<(Claim & { readonly tool: Name | 'Directory' }) | undefined> {
  if (folder.isToolChosen) return undefined;
  for (const tool of namesIn(table)) {
    const claim = await table[tool].claim?.(folder);
    if (claim !== undefined) return { ...claim, tool };
  }
  return undefined;
}

async function withFolder<Name extends string, T>(
  table: Renderers<Name>,
  request: RenderRequest,
  work: (folder: FoundFolder, tool: Name | 'Directory', warnings: readonly string[]) => Promise<T>,
): Promise<T> {
  const path = await findFolder(request);
  const { source, warnings } = await overriddenSource(request, path);
  const settings = request.settings ?? defaultToolSettings;
  const names = (await request.files.list(path)).map(({ name }) => name);
  const tool = recogniseTool(table, source, names, settings.enabled);
  let disk: Promise<Rendering> | undefined;
  const folder: FoundFolder = {
    ...request,
    ...{ source, path, settings },
    isToolChosen: isToolChosen(table, source),
    limits: { ...defaultLimits, ...request.limits },
    variables: buildVariables(request.application, source),
    onDisk: () => {
      disk ??= putOnDisk(folder);
      return disk;
    },
  };
  try {
    return await work(folder, tool, warnings);
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
  return { ...folder, root, folder: join(root, folder.path), scratch };
}

async function findFolder(request: RenderRequest): Promise<string> {
  const { folder, fault } = await findAppFolder(request.files, request.source);
  if (fault === undefined) return folder;
  throw renderFailure(request, fault);
}
