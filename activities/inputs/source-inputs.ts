import type { Input } from '../../core/render/input.ts';
import { isToolFile } from '../../core/render/recognise.ts';
import type { Tools } from '../../core/render/tool.ts';
import type { Tree } from '../../core/render/tree.ts';
import type { RenderDeps } from '../deps.ts';
import type { RenderTarget } from '../desired/stamp.ts';
import type { OpenSource } from '../source/reader.ts';
import type { ResolvedSource } from '../source/resolve.ts';
import { commitOf, type FoundInputs, findInputs, stateDigest } from './find-inputs.ts';
import { openInputs } from './open-inputs.ts';

/** What renders read of sources in Git, as the registered renderers tell it. */
export type SourceInputs = {
  /** Finds what rendering each source reads, in order. */
  find(target: RenderTarget, sources: readonly ResolvedSource[]): Promise<FoundInputs[]>;
  /** A digest of the state of inputs in a tree: equal digests, equal renders. */
  digest(tree: Tree, inputs: readonly Input[]): string;
  /** Opens the files of a source's commit, those of the given inputs alone. */
  open(
    source: ResolvedSource,
    tree: Tree,
    inputs: readonly Input[],
    options: { readonly inMemory: boolean },
  ): Promise<OpenSource>;
};

/** Inputs as this worker reads them, with its mirrors, its key and its renderers. */
export function createSourceInputs(
  deps: Pick<RenderDeps, 'git' | 'homeNamespace' | 'keyring' | 'plugins'> & { readonly renderers: Tools },
): SourceInputs {
  const isOfTool = (name: string): boolean => isToolFile(deps.renderers, name);
  return {
    find: (target, sources) => findInputs(deps, target, sources),
    digest: (tree, inputs) => stateDigest(deps.keyring, tree, inputs, isOfTool),
    open: (source, tree, inputs, { inMemory }) =>
      openInputs(deps.git, commitOf(source), tree, inputs, { inMemory, isToolFile: isOfTool }),
  };
}
