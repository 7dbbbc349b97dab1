import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import type { ClusterCapabilities } from '../../db/schema/cluster.ts';
import type { RenderDeps } from '../deps.ts';
import { renderLimitsOf } from '../desired/pace.ts';
import { filesOnDisk } from '../render/files/source-files.ts';
import { type RenderRequest, type RenderResult, renderSource } from '../render/render.ts';
import { remoteInputs } from '../source/remote-inputs.ts';

type Root = Pick<RenderRequest, 'application'> & {
  readonly root: string;
  readonly source: ApplicationSource;
  readonly signal: AbortSignal;
  readonly capabilities?: ClusterCapabilities | undefined;
};

/** Renders files that are on disk, when there is room for one more program. */
export function renderRoot(
  deps: RenderDeps,
  { root, capabilities, ...request }: Root,
): Promise<RenderResult> {
  const render = () =>
    renderSource({
      ...request,
      files: filesOnDisk(root),
      tools: deps.tools,
      sandbox: deps.sandbox,
      plugins: deps.plugins,
      settings: deps.settings.current().tools,
      limits: renderLimitsOf(deps),
      remote: remoteInputs(deps, request.application.project),
      kubeVersion: capabilities?.kubeVersion,
      apiVersions: capabilities?.apiVersions,
    });
  return deps.renderSlots.run(render, request.signal);
}
