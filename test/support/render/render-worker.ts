import { join } from 'node:path';
import {
  createRendering,
  type Rendering,
  type RenderingDeps,
} from '../../../activities/desired/rendering.ts';
import { type RenderTarget, stampObjects } from '../../../activities/desired/stamp.ts';
import { createGit, type Git, type SubmoduleAccess } from '../../../activities/git/git.ts';
import { createCharts } from '../../../activities/helm/charts.ts';
import { createOciArtifacts } from '../../../activities/oci/artifacts.ts';
import { createPlugins, type Plugins } from '../../../activities/plugin/plugins.ts';
import { createHttp } from '../../../activities/remote/http.ts';
import { renderWith } from '../../../activities/render/render.ts';
import { renderers as released } from '../../../activities/render/renderers.ts';
import type { RenderRequest, RenderResult, RenderTools } from '../../../activities/render/request.ts';
import type { Renderers } from '../../../activities/render/tool-renderer.ts';
import type { OpenSource } from '../../../activities/source/reader.ts';
import { readerOf } from '../../../activities/source/readers.ts';
import { renderSources } from '../../../activities/source/render.ts';
import type { ResolvedSource } from '../../../activities/source/resolve.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { canonicalJson } from '../../../core/object/json/canonical.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import { defaultToolSettings } from '../../../core/settings/words/tool-settings.ts';
import type { Database } from '../../../db/client.ts';
import { createContentStore } from '../../../db/content-store.ts';
import type { RenderRow } from '../../../db/queries/application/render.ts';
import { createKeyring, generateKey } from '../../../platform/encryption.ts';
import { createLimiter } from '../../../platform/limiter.ts';
import { createSandbox, type Sandbox } from '../../../platform/sandbox/sandbox.ts';

/** A worker that renders; it shares nothing with others but the database and the key. */
export type RenderWorker = {
  readonly deps: RenderingDeps & Rendering;
  /** Renders one source with the worker's renderers. */
  renderSource(request: RenderRequest): Promise<RenderResult>;
  /** Programs that were started, or files that were read, as renders. */
  runs(): number;
};

/** What a worker has otherwise than others. */
export type RenderWorkerChanges = {
  readonly changeGit?: (git: Git) => Git;
  readonly sandbox?: Sandbox;
  readonly plugins?: Plugins;
  readonly renderers?: Renderers;
};

const keyring = createKeyring(generateKey());
const { signal } = new AbortController();
const submodules: SubmoduleAccess = { reader: 'default', accessOf: async (url) => accessTo(url) };

/** Starts a worker with an empty cache of its own. */
export function startRenderWorker(
  db: Database,
  tools: RenderTools,
  cacheDir: string,
  {
    changeGit = (git) => git,
    // Hundreds of renders of our own files: what the sandbox costs would be most of the time.
    sandbox = createSandbox({ isolation: 'off' }),
    plugins = createPlugins({ socketDir: undefined, cacheDir, offered: {}, sandbox }),
    renderers = released,
  }: RenderWorkerChanges = {},
): RenderWorker {
  const slots = createLimiter(4);
  let runs = 0;
  const http = createHttp();
  const base: RenderingDeps = {
    db,
    keyring,
    git: changeGit(createGit({ cacheDir: join(cacheDir, crypto.randomUUID()) })),
    http,
    charts: createCharts({ http, cacheDir, indexSeconds: 180 }),
    artifacts: createOciArtifacts({ http, cacheDir }),
    settings: { current: () => defaultSettings },
    tools,
    sandbox,
    content: createContentStore(db, keyring),
    renderSlots: {
      waiting: 0,
      run: (task, stopped, options) => {
        runs += 1;
        return slots.run(task, stopped, options);
      },
    },
    homeNamespace: 'argocd',
    reconcileSeconds: 180,
    toolSeconds: 90,
    plugins,
  };
  return {
    deps: { ...base, ...createRendering(base, renderers) },
    renderSource: (request) => renderWith(renderers, request),
    runs: () => runs,
  };
}

/** A render of these sources at the given commits, by repository. */
export type WantedSources = { readonly target: RenderTarget; readonly sources: ResolvedSource[] };

/** What an application of these sources wants rendered. */
export function wantedOf(
  name: string,
  sources: readonly ApplicationSource[],
  heads: ReadonlyMap<string, string>,
): WantedSources {
  const [source] = sources;
  return {
    target: {
      application: { name, namespace: 'argocd' },
      spec: {
        project: 'default',
        destination: { namespace: 'target' },
        ...(sources.length > 1 ? { sources: [...sources] } : { source }),
      } as RenderTarget['spec'],
      capabilities: { kubeVersion: 'v1.35.4', apiVersions: ['v1'], namespaced: { '/ConfigMap': true } },
      tools: defaultToolSettings,
      tracking: { method: 'annotation', labelKey: 'app.kubernetes.io/instance' } as RenderTarget['tracking'],
    },
    sources: sources.map((one) => ({
      source: one,
      access: accessTo(one.repoURL),
      submodules,
      signal,
      revision: heads.get(one.repoURL) ?? '',
    })),
  };
}

/** Renders as a worker does; answers with the row, or throws. */
export function render(
  { deps }: RenderWorker,
  wanted: WantedSources,
  options: { readonly hard?: boolean; readonly again?: boolean } = {},
): Promise<RenderRow> {
  return deps.renderer.render({ ...wanted, hard: false, again: false, ...options, signal });
}

/** The objects of a render as they are stored. */
export async function objectsOf({ deps }: RenderWorker, { objects }: RenderRow): Promise<string[]> {
  const digests = objects.map(({ digest }) => digest);
  const manifests = await deps.content.manifests(digests);
  return digests.map((digest) => canonicalJson(manifests.get(digest)));
}

/** The same from a checkout of the whole commit, with nothing remembered. */
export async function renderUncached(
  { deps, renderSource }: RenderWorker,
  { target, sources }: WantedSources,
  open: (source: ResolvedSource) => Promise<OpenSource> = (source) =>
    readerOf(deps, source.source).open(source),
): Promise<string[]> {
  const { name } = target.application;
  const { manifests } = await renderSources({
    sources,
    several: sources.length > 1,
    open,
    slot: (run) => run(),
    render: renderSource,
    requestFor: ({ revision }) => ({
      application: { instanceName: name, name, namespace: 'target', project: 'default', revision },
      tools: deps.tools,
      sandbox: deps.sandbox,
      plugins: deps.plugins,
      settings: target.tools,
      kubeVersion: target.capabilities.kubeVersion,
      apiVersions: target.capabilities.apiVersions,
      signal,
    }),
  });
  return stampObjects(deps, target, manifests).map((one) => canonicalJson(one));
}

/** The message of an expected failure. */
export function messageOf(error: unknown): string[] {
  // Kustomize prints addresses of its memory.
  if (error instanceof KeelsonError) return [error.message.replaceAll(/0x[0-9a-f]+/g, '0x')];
  throw error;
}
