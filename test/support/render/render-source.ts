import type { Git } from '../../../activities/git/git.ts';
import { filesOnDisk } from '../../../activities/render/files/source-files.ts';
import {
  type RenderRequest,
  type RenderResult,
  type RenderTools,
  renderSource,
} from '../../../activities/render/render.ts';
import { gitReader } from '../../../activities/source/git-source.ts';
import type { SourceReader } from '../../../activities/source/reader.ts';
import { type RenderedSources, renderSources } from '../../../activities/source/render.ts';
import type { ApplicationSource } from '../../../core/application/source/source-spec.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { accessTo } from '../../../core/repository/access.ts';
import { createSandbox } from '../../../platform/sandbox/sandbox.ts';

/** The sandbox of this machine, where it has one: what must not happen without is in render-isolation.test.ts. */
export const renderSandbox = createSandbox({ isolation: 'preferred' });

export type SourceOptions = Partial<ApplicationSource>;

/** Resolves, checks out and renders a source of a test repository, as a sync does. */
export async function renderFromGit(
  git: Git,
  tools: RenderTools,
  repoUrl: string,
  options: SourceOptions,
  rest: Partial<RenderRequest> = {},
): Promise<RenderResult> {
  const access = accessTo(repoUrl);
  const { sha } = await git.resolveRevision({ access, revision: options.targetRevision });
  const { path: root, release } = await git.checkout({ access, sha });
  try {
    return await renderSource({
      files: filesOnDisk(root),
      source: { ...options, repoURL: repoUrl },
      application: { ...application, revision: sha },
      tools,
      sandbox: renderSandbox,
      ...rest,
    });
  } finally {
    await release();
  }
}

/** Resolves, checks out and renders the sources of one application in the list form, as a sync does. */
export async function renderTogether(
  git: Git,
  tools: RenderTools,
  sources: readonly ApplicationSource[],
  charts?: SourceReader,
): Promise<RenderedSources> {
  const readerOf = ({ chart }: ApplicationSource): SourceReader =>
    chart !== undefined && charts !== undefined ? charts : gitReader(git);
  const { signal } = new AbortController();
  const resolved = sources.map(async (source) => {
    const request = { source, access: accessTo(source.repoURL), signal };
    const resolution = await readerOf(source).resolve({ ...request, revision: source.targetRevision });
    return { ...request, ...resolution };
  });
  return await renderSources({
    sources: await Promise.all(resolved),
    several: true,
    open: (one) => readerOf(one.source).open(one),
    slot: (run) => run(),
    render: renderSource,
    requestFor: ({ revision }) => ({
      application: { ...application, revision },
      tools,
      sandbox: renderSandbox,
    }),
  });
}

const application = { instanceName: 'team_demo', name: 'demo', namespace: 'target', project: 'default' };

/** `Kind/name` of each object, in order. */
export function namesOf(manifests: readonly Manifest[]): string[] {
  return manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
}

/** The one object of a kind. */
export function objectOf(manifests: readonly Manifest[], kind: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`expected one ${kind}, found ${found.length}`);
  return only;
}
