import { joinRevisions, splitRevisions } from '../../core/application/source/revisions.ts';
import { sourcesOf } from '../../core/application/source/source.ts';
import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { demandedKeys } from '../../core/project/roles/signature-keys.ts';
import {
  changedPaths,
  generatePathsAnnotation,
  touchesGeneratePaths,
} from '../../core/render/changed-paths.ts';
import type { Tree } from '../../core/render/tree.ts';
import type { Follower, Move } from '../../db/queries/repository/due.ts';
import type { RenderDeps } from '../deps.ts';
import { findRevision } from '../git/access/refs.ts';
import type { GitSource, RemoteRefs } from '../git/git.ts';
import { commitTree } from '../inputs/commit-tree.ts';
import type { SourceInputs } from '../inputs/source-inputs.ts';
import { signatureRefusal } from '../source/signatures.ts';

/** A repository as it was just listed. */
export type Listed = { readonly urls: readonly string[]; readonly refs: RemoteRefs; readonly git: GitSource };

/** What a listing means for the applications that follow it. */
export type Consequences = {
  /** They have to be rendered, or at least looked at. */
  readonly raised: readonly string[];
  /** They render to the same at the revision that they follow now. */
  readonly moves: readonly Move[];
};

/**
 * Tells which applications are changed by what was pushed, from the trees of the commits and what each has read: the
 * same state of the same inputs is the same render. Compared with what each application has rendered and not with the
 * last listing, so that no push between two looks is lost.
 */
export async function consequencesOf(
  deps: Pick<RenderDeps, 'db' | 'git'> & { readonly inputs: Pick<SourceInputs, 'digest'> },
  listed: Listed,
  followers: readonly Follower[],
): Promise<Consequences> {
  const trees = new Map<string, Promise<Tree | undefined>>();
  const treeOf = (sha: string): Promise<Tree | undefined> => {
    const known = trees.get(sha) ?? readTree(deps, listed.git, sha);
    trees.set(sha, known);
    return known;
  };
  const raised: string[] = [];
  const moves: Move[] = [];
  for (const follower of followers) {
    const steps = stepsOf(follower, listed);
    if (isStale(follower) || (await isSuspect(deps, follower, listed, steps))) raised.push(follower.id);
    else if (steps.length > 0) {
      const changes = await Promise.all(steps.map((step) => isChanged(deps, follower, step, treeOf)));
      if (changes.includes(true)) raised.push(follower.id);
      else moves.push({ follower, revision: revisionAfter(follower, steps) });
    }
  }
  return { raised, moves };
}

/** What can't be judged by its inputs: it failed, its spec has changed since, or what it fetched may have changed. */
export function isStale({ isCurrent, inputs, hasExpired }: Follower): boolean {
  return !isCurrent || inputs === null || (inputs.fetches && hasExpired);
}

/**
 * Where signatures are demanded no commit is taken without a look at its own, and keys or the project may have changed
 * since the last one.
 */
async function isSuspect(
  deps: Pick<RenderDeps, 'db' | 'git'>,
  { spec, project, desiredRevision }: Follower,
  { urls, refs, git }: Listed,
  steps: readonly Step[],
): Promise<boolean> {
  const demanded = demandedKeys(project ?? undefined);
  if (demanded === undefined) return false;
  if (steps.length > 0) return true;
  const rendered = splitRevisions(desiredRevision ?? '');
  const sources = sourcesOf(spec).flatMap((source, position) => {
    const revision = rendered[position] ?? '';
    if (!urls.includes(source.repoURL) || source.chart || revision === '') return [];
    return [{ ...git, source, revision, ref: findRevision(refs, source.targetRevision ?? '')?.ref }];
  });
  try {
    return (await signatureRefusal(deps, { project: spec.project, demanded, sources })) !== undefined;
  } catch (error) {
    if (!(error instanceof KeelsonError) || git.signal?.aborted === true) throw error;
    // The render says why.
    return true;
  }
}

/** One source of an application that follows another commit now. */
type Step = {
  readonly source: ApplicationSource;
  readonly position: number;
  readonly from: string;
  readonly to: string;
};

function stepsOf({ spec, desiredRevision }: Follower, { urls, refs }: Listed): Step[] {
  const rendered = splitRevisions(desiredRevision ?? '');
  return sourcesOf(spec).flatMap((source, position) => {
    if (!urls.includes(source.repoURL) || source.chart) return [];
    const to = findRevision(refs, source.targetRevision ?? '')?.sha;
    const from = rendered[position] ?? '';
    return to === undefined || to === from ? [] : [{ source, position, from, to }];
  });
}

async function isChanged(
  deps: { readonly inputs: Pick<SourceInputs, 'digest'> },
  { inputs, annotations }: Follower,
  { source, position, from, to }: Step,
  treeOf: (sha: string) => Promise<Tree | undefined>,
): Promise<boolean> {
  const read = inputs?.sources[position] ?? undefined;
  const tree = await treeOf(to);
  if (read === undefined || tree === undefined) return true;
  const listedPaths = annotations[generatePathsAnnotation];
  if (listedPaths) {
    const before = await treeOf(from);
    const changed = before === undefined ? undefined : changedPaths(before, tree);
    if (changed !== undefined && !touchesGeneratePaths(listedPaths, source.path ?? '', changed)) return false;
  }
  return inputs?.usesRevision === true || deps.inputs.digest(tree, read.read) !== read.state;
}

function revisionAfter({ desiredRevision }: Follower, steps: readonly Step[]): string {
  const revisions = splitRevisions(desiredRevision ?? '');
  for (const { position, to } of steps) revisions[position] = to;
  return joinRevisions(revisions);
}

/** The tree of a commit; of one that can't be read nothing is known, and the render says why. */
async function readTree(
  { git }: Pick<RenderDeps, 'git'>,
  source: GitSource,
  sha: string,
): Promise<Tree | undefined> {
  try {
    return await commitTree(git, { ...source, sha });
  } catch (error) {
    if (!(error instanceof KeelsonError) || source.signal?.aborted === true) throw error;
    return undefined;
  }
}
