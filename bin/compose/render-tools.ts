import type { RenderTools } from '../../activities/render/render.ts';
import { chosenTools } from '../../platform/chosen-tool.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Readiness } from './readiness.ts';

const names = ['helm', 'kustomize', 'jsonnet'] as const;

/**
 * The programs that render. An image names those that it brings; only where there is one that nobody has named is the
 * local platform loaded, to find or obtain them.
 */
export async function findRenderTools(log: Logger, readiness: Readiness): Promise<RenderTools> {
  const chosen = chosenTools(names, process.env);
  if (chosen !== undefined) return chosen;
  const { obtainTools } = await import('../up/obtain-render-tools.ts');
  return obtainTools(names, log, readiness);
}
