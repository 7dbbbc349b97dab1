import type { ApplicationSource } from '../application/source/source-spec.ts';
import type { SourceType } from '../application/words.ts';
import { directoryTool } from './directory/directory.ts';
import { helmTool } from './helm/helm.ts';
import { kustomizeTool } from './kustomize/kustomize.ts';
import { pluginTool } from './plugin/plugin.ts';
import { recogniseTool } from './recognise.ts';
import type { Tools } from './tool.ts';

/** The pure halves of all renderers. Messages list fields in this order. */
export const tools: Tools<SourceType> = {
  Kustomize: kustomizeTool,
  Helm: helmTool,
  Directory: directoryTool,
  Plugin: pluginTool,
};

/** The tool of a source by its own fields and the names of the files directly in its folder. */
export function sourceKindOf(source: ApplicationSource, fileNames: readonly string[]): SourceType {
  return recogniseTool(tools, source, fileNames);
}
