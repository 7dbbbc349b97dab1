import type { RenderDeps } from '../deps.ts';
import { createSourceInputs, type SourceInputs } from '../inputs/source-inputs.ts';
import { renderWith } from '../render/render.ts';
import { renderers as released } from '../render/renderers.ts';
import type { RenderRequest } from '../render/request.ts';
import type { Renderers } from '../render/tool-renderer.ts';
import { createSources, type Sources } from '../source/sources.ts';
import { createRenderer, type Renderer } from './renderer.ts';

/** What turns an application's sources into its desired state. */
export type Rendering = {
  readonly sources: Sources;
  readonly inputs: SourceInputs;
  readonly renderer: Renderer;
};

/** What the activities of a worker that renders stand on. */
export type DesiredDeps = RenderDeps & Rendering;

/** What a worker that renders brings. */
export type RenderingDeps = Pick<
  RenderDeps,
  | 'artifacts'
  | 'charts'
  | 'content'
  | 'db'
  | 'git'
  | 'homeNamespace'
  | 'http'
  | 'keyring'
  | 'plugins'
  | 'reconcileSeconds'
  | 'hardReconcileSeconds'
  | 'toolSeconds'
  | 'renderSlots'
  | 'sandbox'
  | 'tools'
> & { readonly settings: Pick<RenderDeps['settings'], 'current'> };

/** Composes the stages of a render, once for a process, with the renderers of this release or others. */
export function createRendering(deps: RenderingDeps, renderers: Renderers = released): Rendering {
  const sources = createSources(deps);
  const inputs = createSourceInputs({ ...deps, renderers });
  const renderSource = (request: RenderRequest) => renderWith(renderers, request);
  return { sources, inputs, renderer: createRenderer({ ...deps, sources, inputs, renderSource }) };
}
