import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KeelsonError } from '../../../core/errors.ts';
import type { RepositoryAccess } from '../../../core/repository/access.ts';
import { lastLines } from '../../../platform/mask.ts';
import type { Remote } from '../access/remote.ts';
import { runWithLfs } from '../lfs/run.ts';
import { type Mirror, mirrorOf } from '../mirror/mirror.ts';
import { type GitSetting, runGit } from '../run/command.ts';
import { isLfsFailure, remoteFailure } from '../run/failure.ts';
import { pathsWithin, type Selection, selectPaths } from './paths.ts';
import { readSubmodules, type Submodule } from './submodules.ts';
import { findEscape } from './symlinks.ts';
import { listTree, type TreeEntry } from './tree.ts';

/** How the repositories of submodules are reached. */
export type SubmoduleAccess = {
  /** On whose behalf, such as a project: what one may read is not handed to another. */
  readonly reader: string;
  accessOf(url: string): Promise<RepositoryAccess>;
};

/** Which files of which commit. */
export type Files = {
  readonly remote: Remote;
  readonly sha: string;
  /** Only what lies at or below these paths. */
  readonly paths?: readonly string[] | undefined;
  /** Without it the directories of submodules stay empty. */
  readonly submodules?: SubmoduleAccess | undefined;
  /** Leaves out submodules that are neither in these folders nor around them; what leads there leads nowhere. */
  readonly submodulesWithin?: readonly string[] | undefined;
};

/** Submodules in submodules; deeper nesting is taken for a repository that contains itself. */
const deepest = 10;

/** Writes files of a commit, its submodules included, into a new directory; no symlink may lead out of it. */
export async function writeCommit(
  setting: GitSetting,
  wanted: Files,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const links = await writeLevel({ setting, root: path, signal }, wanted, '', 0);
  const found = await findEscape(path, links);
  if (found === undefined) return;
  const way = found.leads === 'out' ? 'out of the repository' : 'round in circles';
  throw new KeelsonError(
    'render-failed',
    `repository ${wanted.remote.url}: symlink ${found.path} leads ${way} (to ${found.target}); ` +
      'replace it by the file or by a relative link inside the repository',
  );
}

type Writing = {
  readonly setting: GitSetting;
  readonly root: string;
  readonly signal: AbortSignal | undefined;
};

/** Writes one repository at a place below the root; returns the symlinks it wrote, by their path from the root. */
async function writeLevel(writing: Writing, wanted: Files, place: string, level: number): Promise<string[]> {
  const mirror = mirrorOf(writing.setting, wanted.remote);
  return await writing.setting.usage.use(mirror.dir, () => writeFrom(writing, mirror, wanted, place, level));
}

async function writeFrom(
  writing: Writing,
  mirror: Mirror,
  wanted: Files,
  place: string,
  level: number,
): Promise<string[]> {
  const { remote, sha, submodules } = wanted;
  const directory = join(writing.root, place);
  const entries = await writeOwn(writing, mirror, wanted, directory).catch(async (cause: unknown) => {
    if (!(cause instanceof KeelsonError) || cause.code !== 'revision-not-found') throw cause;
    // The mirror says that it has the commit and yet cannot produce it, as after a power cut.
    await mirror.discard(writing.signal);
    await rm(directory, { recursive: true, force: true });
    return await writeOwn(writing, mirror, wanted, directory);
  });
  const selected = selectPaths(entries, wanted.paths);
  const links = selected.blobs.filter(({ mode }) => mode === '120000').map((link) => join(place, link.path));
  if (submodules === undefined || selected.submodules.length === 0) return links;
  if (level === deepest) {
    throw new KeelsonError(
      'render-failed',
      `repository ${remote.url}: its submodules contain each other; remove the circle`,
    );
  }
  const isNear = nearness(wanted.submodulesWithin);
  const [near, far] = [selected.submodules.filter(isNear), selected.submodules.filter((one) => !isNear(one))];
  for (const { path } of far) await rm(join(directory, path), { recursive: true, force: true });
  const store = { dir: mirror.dir, signal: writing.signal };
  const modules = entries.find((entry) => entry.path === '.gitmodules');
  if (modules !== undefined) await mirror.ensureBlobs(sha, [modules.oid], writing.signal);
  for (const one of await readSubmodules(writing.setting, store, remote, modules, near)) {
    links.push(...(await writeSubmodule(writing, wanted, place, one, level)));
  }
  return links;
}

function nearness(folders: readonly string[] | undefined): (one: TreeEntry) => boolean {
  if (folders === undefined) return () => true;
  return ({ path }) =>
    folders.some(
      (folder) => folder === '' || `${path}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${path}/`),
    );
}

async function writeSubmodule(
  writing: Writing,
  wanted: Files,
  place: string,
  submodule: Submodule,
  level: number,
): Promise<string[]> {
  const { submodules } = wanted;
  if (submodules === undefined) return [];
  const inner = join(place, submodule.path);
  await requireDirectories(writing.root, inner, wanted.remote);
  const reached = writing.setting.remoteOf(await submodules.accessOf(submodule.url));
  // A company's repositories lie side by side: what is where the outer one is may be as private as that.
  const remote = { ...reached, opened: [...reached.opened, ...wanted.remote.opened] };
  const paths = pathsWithin(submodule.path, wanted.paths);
  const submodulesWithin = pathsWithin(submodule.path, wanted.submodulesWithin);
  try {
    return await writeLevel(
      writing,
      { remote, sha: submodule.sha, paths, submodules, submodulesWithin },
      inner,
      level + 1,
    );
  } catch (cause) {
    if (!(cause instanceof KeelsonError)) throw cause;
    const { code, message, retryable, details } = cause;
    throw new KeelsonError(code, `submodule ${inner}: ${message}`, { retryable, details, cause });
  }
}

async function writeOwn(
  writing: Writing,
  mirror: Mirror,
  { remote, sha, paths }: Files,
  directory: string,
): Promise<readonly TreeEntry[]> {
  const { setting, signal } = writing;
  await setting.admit(remote, () => mirror.ensure(sha, signal), signal);
  const entries = await listTree(setting, { dir: mirror.dir, signal }, sha);
  const selected = selectPaths(entries, paths);
  await mirror.ensureBlobs(
    sha,
    selected.blobs.map(({ oid }) => oid),
    signal,
  );
  await mkdir(directory, { recursive: true });
  await writeFiles(writing, mirror, remote, { sha, entries }, selected, directory);
  return entries;
}

async function writeFiles(
  { setting, root, signal }: Writing,
  mirror: Mirror,
  remote: Remote,
  commit: { readonly sha: string; readonly entries: readonly TreeEntry[] },
  { blobs, pathspecs }: Selection,
  directory: string,
): Promise<void> {
  if (blobs.length === 0) return;
  const index = `${root}.index`;
  const hasLfs = remote.credentials.enableLfs === true;
  // `git archive` would leave out files marked export-ignore, so the files come from a checkout with its own index.
  const command = {
    args: ['checkout', `${commit.sha}^{commit}`, '--pathspec-from-file=-', '--pathspec-file-nul'],
    cwd: directory,
    input: (pathspecs ?? ['.']).join('\0'),
    signal,
    variables: {
      GIT_DIR: mirror.dir,
      GIT_WORK_TREE: directory,
      GIT_INDEX_FILE: index,
      GIT_LITERAL_PATHSPECS: '1',
    },
  };
  try {
    const { exitCode, stderr } = hasLfs
      ? await runWithLfs(setting, mirror, remote, commit, command)
      : await runGit(setting, command);
    if (hasLfs) await setting.usage.grown(mirror.dir);
    if (exitCode === 0) return;
    if (hasLfs && isLfsFailure(stderr)) throw remoteFailure(remote, stderr);
    throw new KeelsonError(
      'revision-not-found',
      `repository ${remote.url}: ${commit.sha} cannot be checked out; correct in the commit what Git names ` +
        `(git: ${lastLines(stderr, { lines: 2 })})`,
    );
  } finally {
    await rm(index, { force: true });
  }
}

/** A submodule may not be written through a symlink: it could lead anywhere. */
async function requireDirectories(root: string, place: string, remote: Remote): Promise<void> {
  const parts = place.split('/');
  for (const [position, part] of parts.entries()) {
    const found = await lstat(join(root, ...parts.slice(0, position + 1))).catch(() => undefined);
    const isSafe = part !== '' && part !== '..' && part.toLowerCase() !== '.git';
    // What is not there yet is made as a directory.
    if (isSafe && (found === undefined || found.isDirectory())) continue;
    throw new KeelsonError(
      'render-failed',
      `repository ${remote.url}: submodule ${place} is at a place that is no directory; move it`,
    );
  }
}
