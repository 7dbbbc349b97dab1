import type { FoundInputs } from '../inputs/find-inputs.ts';
import type { SourceInputs } from '../inputs/source-inputs.ts';
import type { OpenSource } from '../source/reader.ts';
import type { ResolvedSource } from '../source/resolve.ts';
import type { Sources } from '../source/sources.ts';

/** Brings the files of a source to whoever renders it. */
export type Opener = (source: ResolvedSource) => Promise<OpenSource>;

/** The ways that files come by. */
export type OpenerDeps = {
  readonly sources: Pick<Sources, 'open'>;
  readonly inputs: Pick<SourceInputs, 'open'>;
};

/** Whether any of the sources can be opened with less than all of its commit's files. */
export function isRestricted(found: readonly FoundInputs[]): boolean {
  return found.some(
    ({ tree, own }) => tree !== undefined && (own.undetermined === undefined || own.submodules !== undefined),
  );
}

/** Opens each source with the files that it was found to read, and those alone. */
export function restrictedOpener(
  { sources: { open }, inputs }: OpenerDeps,
  sources: readonly ResolvedSource[],
  found: readonly FoundInputs[],
): Opener {
  return async (resolved) => {
    const { tree, read, own } = found[sources.indexOf(resolved)] ?? {};
    if (tree === undefined || read === undefined || own?.undetermined !== undefined) {
      return await open({ ...resolved, submodulesWithin: own?.submodules });
    }
    // What others read in its submodules is in no listing of its files.
    const reachesSubmodules = read.some((input) => input.kind === 'tree' && input.path === '');
    if (tree.submodules.length > 0 && reachesSubmodules) return await open(resolved);
    return await inputs.open(resolved, tree, read, { inMemory: own?.readInProcess === true });
  };
}
