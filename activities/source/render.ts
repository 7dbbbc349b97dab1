import { isRefOnly } from '../../core/application/source/source.ts';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { mentionedRefs } from '../render/files/refs.ts';
import type { RefSource, RenderRequest, RenderResult } from '../render/request.ts';
import type { OpenSource } from './reader.ts';
import type { ResolvedSource } from './resolve.ts';

/** What all sources of an application render together. */
export type RenderedSources = {
  readonly manifests: readonly Manifest[];
  /** By position; empty for a source that only lends its files. */
  readonly sourceTypes: readonly string[];
  readonly warnings: readonly string[];
};

export type RenderSourcesInput = {
  readonly sources: readonly ResolvedSource[];
  /** Whether the spec has the list form, in which sources may refer to each other. */
  readonly several: boolean;
  readonly open: (source: ResolvedSource) => Promise<OpenSource>;
  /** Runs a render when there is room for one more program. */
  readonly slot: <T>(run: () => Promise<T>) => Promise<T>;
  /** Renders one source. */
  readonly render: (request: RenderRequest) => Promise<RenderResult>;
  /** All that a render takes besides its source. */
  readonly requestFor: (source: ResolvedSource) => Omit<RenderRequest, 'files' | 'source' | 'refs'>;
};

/** Renders every source, side by side; the objects come in the order of the sources. */
export async function renderSources(input: RenderSourcesInput): Promise<RenderedSources> {
  const opened = new Map<ResolvedSource, Promise<OpenSource>>();
  const open = (source: ResolvedSource): Promise<OpenSource> => {
    const opening = opened.get(source) ?? input.open(source);
    opened.set(source, opening);
    return opening;
  };
  const refs = input.several
    ? refsOf(input.sources, async (source) => (await open(source)).files.root())
    : undefined;
  const renderOne = async (source: ResolvedSource): Promise<RenderResult | undefined> => {
    if (input.several && isRefOnly(source.source)) return undefined;
    const [{ files }] = await Promise.all([open(source), fetchRefs(source, refs)]);
    return input.slot(() =>
      input.render({ ...input.requestFor(source), files, source: source.source, refs }),
    );
  };
  try {
    const outcomes = await Promise.allSettled(input.sources.map(renderOne));
    return combine(outcomes.map(settled));
  } finally {
    const all = await Promise.allSettled(opened.values());
    await Promise.all(all.map((one) => (one.status === 'fulfilled' ? one.value.release() : undefined)));
  }
}

function refsOf(
  sources: readonly ResolvedSource[],
  rootOf: (source: ResolvedSource) => Promise<string>,
): ReadonlyMap<string, RefSource> {
  const refs = new Map<string, RefSource>();
  for (const resolved of sources) {
    const { ref, repoURL, chart, targetRevision } = resolved.source;
    if (!ref) continue;
    const { revision } = resolved;
    refs.set(ref, { repoURL, chart, targetRevision, revision, root: () => rootOf(resolved) });
  }
  return refs;
}

/** Fetches what a source says it refers to before its render takes up the room of a program. */
async function fetchRefs(
  { source }: ResolvedSource,
  refs: ReadonlyMap<string, RefSource> | undefined,
): Promise<void> {
  const names = new Set(mentionedRefs(source));
  // A chart lends nothing, and a name that nobody has is told by the render, which names the place.
  await Promise.all([...names].map((name) => (refs?.get(name)?.chart ? undefined : refs?.get(name)?.root())));
}

function settled<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

function combine(results: readonly (RenderResult | undefined)[]): RenderedSources {
  return {
    manifests: results.flatMap((result) => result?.manifests ?? []),
    sourceTypes: results.map((result) => result?.sourceType ?? ''),
    warnings: results.flatMap((result) => result?.warnings ?? []),
  };
}
