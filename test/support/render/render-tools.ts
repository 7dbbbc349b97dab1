import type { RenderTools } from '../../../activities/render/render.ts';
import { toolPaths } from '../../../local/obtain/tools.ts';

/** The real Helm, Kustomize and Jsonnet of the pinned versions; they were obtained before the first test. */
export async function renderTools(): Promise<RenderTools> {
  return await toolPaths(['helm', 'kustomize', 'jsonnet']);
}
