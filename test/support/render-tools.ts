import type { RenderTools } from '../../activities/render/render.ts';
import { createReporter } from '../../local/reporter.ts';
import { ensureTools } from '../../local/toolchain.ts';

/** Milliseconds for a hook that calls `renderTools`: on a fresh machine the tools may have to be built first. */
export const renderToolsTimeout = 600_000;

/** The real Helm, Kustomize and Jsonnet of the pinned versions. */
export async function renderTools(): Promise<RenderTools> {
  return await ensureTools(['helm', 'kustomize', 'jsonnet'], createReporter());
}
