import { KeelsonError } from '../../../core/errors.ts';
import { lastLines } from '../../../platform/mask.ts';
import { catFile, type GitSetting, runGit } from '../run/command.ts';

const entryTypes = ['blob', 'tree', 'commit'] as const;

/** One entry of a commit's tree: a file or symlink (blob), a directory (tree) or a submodule (commit). */
export type TreeEntry = {
  /** From the root of the repository, without a leading slash. */
  readonly path: string;
  /** As Git writes it: 100644, 100755 for an executable, 120000 for a symlink, 040000, 160000. */
  readonly mode: string;
  readonly type: (typeof entryTypes)[number];
  readonly oid: string;
};

/** Where objects are read: a directory with a Git repository, and how long to wait for it. */
export type ObjectStore = { readonly dir: string; readonly signal?: AbortSignal | undefined };

/** All entries of a commit's tree, directories included, in Git's order. */
export async function listTree(setting: GitSetting, store: ObjectStore, sha: string): Promise<TreeEntry[]> {
  const listed = await runGit(setting, {
    args: ['ls-tree', '-r', '-z', '-t', '--full-tree', `${sha}^{commit}`],
    cwd: store.dir,
    signal: store.signal,
  });
  if (listed.exitCode !== 0) throw unreadable(sha, listed.stderr);
  return refuseTwice(parseTree(listed.stdout), sha);
}

/** Of two entries that have one name, or one once their bytes are read as UTF-8, one would be lost, and then pruned. */
export function refuseTwice(entries: TreeEntry[], sha: string): TreeEntry[] {
  const paths = new Set<string>();
  for (const { path } of entries) {
    if (paths.has(path)) {
      throw new KeelsonError(
        'manifest-invalid',
        `commit ${sha} has two entries of the name ${path}, read as UTF-8; rename one of them`,
      );
    }
    paths.add(path);
  }
  return entries;
}

/** Reads the output of `git ls-tree -z`. */
export function parseTree(output: string): TreeEntry[] {
  const entries: TreeEntry[] = [];
  // One text for each mode and type, not one for each entry: listings are kept.
  const modes = new Map<string, string>();
  for (const line of output.split('\0')) {
    const tab = line.indexOf('\t');
    if (tab === -1) continue;
    const [written = '', typed = '', oid = ''] = line.slice(0, tab).split(' ');
    const type = entryTypes.find((one) => one === typed);
    if (type === undefined) continue;
    const mode = modes.get(written) ?? written;
    modes.set(written, mode);
    entries.push({ path: line.slice(tab + 1), mode, type, oid });
  }
  return entries;
}

/** The contents of blobs by their ids, in one run; an id that is not there is left out. */
export async function readBlobs(
  setting: GitSetting,
  store: ObjectStore,
  oids: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  if (oids.length === 0) return new Map();
  const read = await catFile(setting, {
    args: ['--batch'],
    cwd: store.dir,
    input: `${[...new Set(oids)].join('\n')}\n`,
    signal: store.signal,
  });
  if (read.exitCode !== 0) throw unreadable(store.dir, read.stderr);
  return parseBatch(read.stdout);
}

/** Reads the output of `git cat-file --batch`: a line with id, type and size, the content, a newline. */
export function parseBatch(output: Buffer): Map<string, Buffer> {
  const blobs = new Map<string, Buffer>();
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf(0x0a, start);
    if (end === -1) break;
    const [oid = '', type, size] = output.subarray(start, end).toString('latin1').split(' ');
    start = end + 1;
    // `<id> missing` has no content.
    if (size === undefined) continue;
    const content = output.subarray(start, start + Number(size));
    start += Number(size) + 1;
    if (type === 'blob') blobs.set(oid, content);
  }
  return blobs;
}

function unreadable(what: string, stderr: string): KeelsonError {
  return new KeelsonError(
    'revision-not-found',
    `${what} cannot be read; use the SHA of a commit (git: ${lastLines(stderr, { lines: 2 })})`,
  );
}
