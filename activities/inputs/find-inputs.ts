import { instanceName } from '../../core/application/source/source.ts';
import { type Input, type IsToolFile, inputId, stateOf } from '../../core/render/input.ts';
import { type Inputs, type InputsRequest, inputsOf } from '../../core/render/inputs-of.ts';
import { isToolChosen } from '../../core/render/recognise.ts';
import type { Tools } from '../../core/render/tool.ts';
import { type Tree, treeOf } from '../../core/render/tree.ts';
import type { Keyring } from '../../platform/encryption.ts';
import type { RenderDeps } from '../deps.ts';
import type { RenderTarget } from '../desired/stamp.ts';
import { buildVariables, substitute } from '../render/environment.ts';
import type { ResolvedSource } from '../source/resolve.ts';
import { answerRequests } from './answer-requests.ts';
import { type CommitSource, commitTree } from './commit-tree.ts';

/** What a render reads of one source. */
export type FoundInputs = {
  /** The commit's tree; undefined for a source that is not in Git. */
  readonly tree: Tree | undefined;
  /** What any source of the application reads of this one. */
  readonly read: readonly Input[];
  /** What rendering this source itself was found to do. */
  readonly own: Omit<Inputs, 'own' | 'lent'>;
  /** Whether the source leaves the choice of its tool to its files and to plugins. */
  readonly isOpen: boolean;
  /** Plugins that may claim the source and don't answer. */
  readonly unresponsive: readonly string[];
};

type FindDeps = Pick<RenderDeps, 'git' | 'homeNamespace' | 'plugins'> & { readonly renderers: Tools };

/** Finds what rendering each source reads, in order. */
export async function findInputs(
  deps: FindDeps,
  target: RenderTarget,
  sources: readonly ResolvedSource[],
): Promise<FoundInputs[]> {
  const trees = await Promise.all(sources.map((source) => treeOfSource(deps, source)));
  const refs = new Map<string, Tree>();
  for (const [position, { source }] of sources.entries()) {
    const tree = trees[position];
    if (source.ref && tree !== undefined && sources.length > 1) refs.set(source.ref, tree);
  }
  // Whoever names a tool doesn't suffer from a plugin that can't be asked.
  const isOpen = ({ source }: ResolvedSource): boolean => !isToolChosen(deps.renderers, source);
  const { discoveries, unresponsive } = sources.some(isOpen)
    ? await deps.plugins.roll(target.tools.plugins)
    : { discoveries: [], unresponsive: [] };
  const found = await Promise.all(
    sources.map((resolved, position) =>
      analyse(deps, target, resolved, { tree: trees[position], refs, discoveries }),
    ),
  );
  return found.map(({ own, lent: _, ...rest }, position) => {
    const resolved = sources[position];
    const ref = resolved?.source.ref;
    const lent = ref ? found.flatMap((other) => other.lent.get(ref) ?? []) : [];
    const read = new Map([...own, ...lent].map((input) => [inputId(input), input]));
    const open = resolved !== undefined && isOpen(resolved);
    const isUndecided = open && unresponsive.length > 0;
    return {
      tree: trees[position],
      read: [...read.values()],
      // What the plugin makes of it once it answers is another render, to be looked for like what is fetched.
      own: isUndecided ? { ...rest, remote: [...rest.remote, 'plugin'] } : rest,
      isOpen: open,
      unresponsive: isUndecided ? unresponsive : [],
    };
  });
}

/** A digest of the state of inputs in a tree. */
export function stateDigest(
  keyring: Keyring,
  tree: Tree,
  inputs: readonly Input[],
  isToolFile: IsToolFile,
): string {
  const states = inputs.map((input) => `${inputId(input)}\0${stateOf(tree, input, isToolFile)}`);
  return keyring.digest(states.sort().join('\0\0'));
}

/** The commit that a source was resolved to. */
export function commitOf({ access, signal, revision }: ResolvedSource): CommitSource {
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
  { git, homeNamespace, renderers }: FindDeps,
  { application, spec, tools }: RenderTarget,
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
  const analysis = inputsOf({
    source,
    tools: renderers,
    tree,
    ...given,
    instance,
    substitute: (text) => substitute(text, variables),
    enabled: tools.enabled,
  });
  return await answerRequests(git, commitOf(resolved), tree ?? emptyTree, analysis);
}

const emptyTree = treeOf([], new Map());
