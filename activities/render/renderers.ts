import type { SourceType } from '../../core/application/words.ts';
import { tools } from '../../core/render/tools.ts';
import { renderDirectory } from './directory/directory.ts';
import { renderHelm } from './helm/helm.ts';
import { renderKustomize } from './kustomize/kustomize.ts';
import { claimForPlugin, pluginParameters, renderPlugin } from './plugin/plugin.ts';
import type { FoundFolder, Rendered, Rendering } from './request.ts';
import type { Renderers } from './tool-renderer.ts';

/** All renderers: to each tool's recognition and inputs its render. */
export const renderers: Renderers<SourceType> = {
  Kustomize: { ...tools.Kustomize, render: onDisk(renderKustomize) },
  Helm: { ...tools.Helm, render: onDisk(renderHelm) },
  Directory: { ...tools.Directory, render: renderDirectory },
  Plugin: {
    ...tools.Plugin,
    render: renderPlugin,
    parameters: pluginParameters,
    claim: claimForPlugin,
  },
};

/** For a renderer that starts a program. */
function onDisk(render: (rendering: Rendering) => Promise<Rendered>) {
  return async (folder: FoundFolder): Promise<Rendered> => await render(await folder.onDisk());
}
