import { instanceName, isToolChosen } from '../../core/application/source/source.ts';
import { type Input, inputId, stateOf } from '../../core/render-inputs/input.ts';
import { type Inputs, type InputsRequest, inputsOf } from '../../core/render-inputs/inputs-of.ts';
import type { Tree } from '../../core/render-inputs/tree.ts';
import type { Keyring } from '../../platform/encryption.ts';
import type { RenderDeps } from '../deps.ts';
import type { Placement } from '../desired/place.ts';
import { buildVariables, substitute } from '../render/environment.ts';
import { switchedOff } from '../render/render.ts';
import type { ResolvedSource } from '../source/resolve.ts';
import { type CommitSource, commitTree } from './commit-tree.ts';
import { runReading } from './run-reading.ts';

/** What a render reads of one source. */
export type FoundInputs = {
  /** The commit's tree; undefined for a source that is not in Git. */
  readonly tree: Tree | undefined;
  /** What any source of the application reads of this one. */
  readonly read: readonly Input[];
  /** What rendering this source itself was found to do. */
  readonly own: Omit<Inputs, 'own' | 'lent'>;
  /** Plugins that may want it and can't be asked. */
  readonly silent: readonly string[];
};

/** Finds what rendering each source reads, in order. */
export async function findInputs(
  deps: Pick<RenderDeps, 'git' | 'homeNamespace' | 'plugins'>,
  placement: Placement,
  sources: readonly ResolvedSource[],
): Promise<FoundInputs[]> {
  const trees = await Promise.all(sources.map((source) => treeOfSource(deps, source)));
  const refs = new Map<string, Tree>();
  for (const [position, { source }] of sources.entries()) {
    const tree = trees[position];
    if (source.ref && tree !== undefined && sources.length > 1) refs.set(source.ref, tree);
  }
  // Whoever names a tool doesn't suffer from a plugin that can't be asked.
  const isOpen = sources.some(({ source }) => !isToolChosen(source));
  const { discoveries, silent } = isOpen
    ? await deps.plugins.roll(placement.tools.plugins)
    : { discoveries: [], silent: [] };
  const found = await Promise.all(
    sources.map((resolved, position) =>
      analyse(deps, placement, resolved, { tree: trees[position], refs, discoveries }),
    ),
  );
  return found.map(({ own, lent: _, ...rest }, position) => {
    const ref = sources[position]?.source.ref;
    const lent = ref ? found.flatMap((other) => other.lent.get(ref) ?? []) : [];
    const read = new Map([...own, ...lent].map((input) => [inputId(input), input]));
    const isBlind =
      silent.length > 0 && sources[position] !== undefined && !isToolChosen(sources[position].source);
    return {
      tree: trees[position],
      read: [...read.values()],
      // What the plugin makes of it once it answers is another render, to be looked for like what is fetched.
      own: isBlind ? { ...rest, remote: [...rest.remote, 'plugin'] } : rest,
      silent: isBlind ? silent : [],
    };
  });
}

/** A digest of the state of inputs in a tree. */
export function stateDigest(keyring: Keyring, tree: Tree, inputs: readonly Input[]): string {
  const states = inputs.map((input) => `${inputId(input)}\0${stateOf(tree, input)}`);
  return keyring.digest(states.sort().join('\0\0'));
}

function commitOf({ access, signal, revision }: ResolvedSource): CommitSource {
  return { access, signal, sha: revision };
}

async function treeOfSource(
  { git }: Pick<RenderDeps, 'git'>,
  resolved: ResolvedSource,
): Promise<Tree | undefined> {
  const inGit = !resolved.source.chart && !resolved.source.repoURL.startsWith('oci://');
  return inGit ? await commitTree(git, commitOf(resolved)) : undefined;
}

async function analyse(
  { git, homeNamespace }: Pick<RenderDeps, 'git' | 'homeNamespace'>,
  { application, spec, tools }: Placement,
  resolved: ResolvedSource,
  { tree, ...given }: Pick<InputsRequest, 'discoveries' | 'refs' | 'tree'>,
): Promise<Inputs> {
  const { source, revision } = resolved;
  const instance = instanceName({ metadata: application }, homeNamespace);
  const described = {
    name: application.name,
    namespace: spec.destination.namespace ?? '',
    project: spec.project,
  };
  const variables = buildVariables({ ...described, instanceName: instance, revision }, source);
  const reading = inputsOf({
    source,
    tree,
    ...given,
    instance,
    substitute: (text) => substitute(text, variables),
    off: switchedOff(tools),
  });
  return await runReading(git, commitOf(resolved), tree ?? noTree, reading);
}

const noTree: Tree = { at: () => undefined, names: () => [], links: new Map(), submodules: [] };
