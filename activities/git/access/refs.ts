import { KeelsonError } from '../../../core/errors.ts';
import { highestMatch } from '../../../core/text/semver.ts';
import { someOf } from '../../../core/text/some-of.ts';

/** What a repository advertises: full ref names and the commits they lead to (annotated tags already peeled). */
export type RemoteRefs = {
  readonly commits: ReadonlyMap<string, string>;
  /** The branch that HEAD points at. */
  readonly head?: string;
};

/** A revision that was found: the commit, and the ref that led to it. */
export type Resolved = { readonly sha: string; readonly ref?: string };

const fullSha = /^[0-9a-f]{40}$/i;
const shortSha = /^[0-9a-f]{7,39}$/i;

/** A full commit SHA, which needs no look-up. */
export function isFullSha(revision: string): boolean {
  return fullSha.test(revision);
}

/** Text that may be the beginning of a commit SHA. */
export function isShortSha(revision: string): boolean {
  return shortSha.test(revision);
}

/** Reads the output of `git ls-remote --symref`. */
export function parseRefs(output: string): RemoteRefs {
  const commits = new Map<string, string>();
  let head: string | undefined;
  for (const line of output.split('\n')) {
    const [value = '', name = ''] = line.split('\t');
    if (name === '') continue;
    if (value.startsWith('ref: ')) {
      if (name === 'HEAD') head = value.slice('ref: '.length);
      continue;
    }
    // The peeled line follows the tag's own line and names the commit itself.
    commits.set(name.endsWith('^{}') ? name.slice(0, -3) : name, value);
  }
  return head === undefined ? { commits } : { commits, head };
}

/**
 * Finds a revision among a repository's refs: nothing is HEAD; a semver constraint is its highest tag; anything else
 * is a branch, a tag or a ref by name, a branch before a tag.
 */
export function findRevision(refs: RemoteRefs, revision: string): Resolved | undefined {
  const wanted = revision === '' ? 'HEAD' : revision;
  if (wanted === 'HEAD') return resolvedHead(refs);
  const tag = highestMatch(wanted, tagNames(refs));
  const names = [`refs/heads/${wanted}`, `refs/tags/${wanted}`, wanted, `refs/${wanted}`];
  if (tag !== undefined) names.unshift(`refs/tags/${tag}`);
  for (const ref of names) {
    const sha = refs.commits.get(ref);
    if (sha !== undefined) return { sha, ref };
  }
  return undefined;
}

/** The names of the tags that lead to a commit. */
export function tagsAt(refs: RemoteRefs, sha: string): string[] {
  return tagNames(refs).filter((tag) => refs.commits.get(`refs/tags/${tag}`) === sha);
}

/** The failure of a revision that leads nowhere, with what could have been meant. */
export function revisionNotFound(url: string, revision: string, refs: RemoteRefs): KeelsonError {
  const shown = revision === '' ? 'HEAD' : revision;
  return new KeelsonError(
    'revision-not-found',
    `unable to resolve '${shown}' to a commit SHA in ${url}; ${remedy(refs)}`,
  );
}

function remedy(refs: RemoteRefs): string {
  // Git takes any short page for an old server without a ref.
  if (refs.commits.size === 0)
    return 'the repository has no commits yet, push one, or it is no Git server, check the address';
  const branches = namesUnder(refs, 'refs/heads/');
  if (branches.length === 0) return 'the repository has no branches, use a tag or a commit SHA';
  return `use an existing branch, tag or commit; branches: ${someOf(branches, 5)}`;
}

function resolvedHead(refs: RemoteRefs): Resolved | undefined {
  const sha = refs.commits.get('HEAD') ?? refs.commits.get(refs.head ?? '');
  if (sha === undefined) return undefined;
  return { sha, ref: refs.head ?? 'HEAD' };
}

function tagNames(refs: RemoteRefs): string[] {
  return namesUnder(refs, 'refs/tags/');
}

function namesUnder(refs: RemoteRefs, prefix: string): string[] {
  return [...refs.commits.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
}
