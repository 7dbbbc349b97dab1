import { withoutTrailing } from '../text/trim.ts';

/** What a push touched: the ref, and the branch that HEAD stands for. */
export type Push = {
  /** Full name: `refs/heads/main`, `refs/tags/v1`. */
  readonly ref: string;
  /** Undefined when it is not known. */
  readonly defaultBranch: string | undefined;
};

/**
 * A form of a repository URL that is equal for all ways to write one repository: protocol, user, port, `.git` and
 * letter case do not matter, nor does the `ssh.` in front of a host. A plain path equals its file:// URL.
 */
export function repositoryId(url: string): string {
  const text = url.trim().toLowerCase();
  const path = /^file:\/\/(?:localhost)?(\/.*)$/.exec(text)?.[1] ?? (/^[./]/.test(text) ? text : undefined);
  if (path !== undefined) return trimPath(path);
  const [, host = '', rest = ''] =
    /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/]*@)?([^:/]+)(?::\d+(?=[:/]))?[:/](.*)$/.exec(text) ?? [];
  return host === '' ? trimPath(text) : `${host.replace(/^(alt)?ssh\./, '')}/${trimPath(rest)}`;
}

function trimPath(path: string): string {
  const withoutSlash = withoutTrailing(path, '/');
  return withoutSlash.replace(/\.git$/, '').replace(/^\/+(?=[^/])/, path.startsWith('/') ? '/' : '');
}

/** Whether two URLs name one repository. */
export function isSameRepository(a: string, b: string): boolean {
  return repositoryId(a) === repositoryId(b);
}

/** The short name of a ref: `main` for `refs/heads/main`, `team/x` for `refs/heads/team/x`. */
export function shortRef(ref: string): string {
  return ref.replace(/^refs\/[^/]+\//, '');
}

/**
 * Whether a push concerns a source with this target revision. HEAD and nothing stand for the default branch alone;
 * where that is not known, for any branch.
 * A pushed tag also concerns every version constraint: whether it fits is found out by resolving it, and a refresh
 * too many costs one look at the repository's refs.
 */
export function isAffected(push: Push, targetRevision: string | undefined): boolean {
  const target = shortRef(targetRevision ?? '');
  const pushed = shortRef(push.ref);
  if (target === '' || target === 'HEAD') {
    if (push.defaultBranch === undefined) return push.ref.startsWith('refs/heads/');
    return push.ref === `refs/heads/${push.defaultBranch}`;
  }
  if (targetRevision?.startsWith('refs/')) return targetRevision === push.ref;
  return pushed === target || (push.ref.startsWith('refs/tags/') && isConstraint(target));
}

/** Whether a revision could be a version constraint: `1.x`, `>=1.2`, `^1`, `*`, `1`, `v1.2`. */
function isConstraint(revision: string): boolean {
  return /[*<>=^~|, ]/.test(revision) || /^v?\d+(\.(\d+|x))?(\.x)?$/i.test(revision);
}
