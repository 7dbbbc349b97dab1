import { mkdirSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { privateHosts } from '../../platform/way-out/addresses.ts';
import { createWayOut } from '../../platform/way-out/way-out.ts';
import { createAdmission } from './access/admission.ts';
import { createAppLogins } from './access/github-app.ts';
import { createListings } from './access/listings.ts';
import {
  findRevision,
  isFullSha,
  isShortSha,
  parseRefs,
  type RemoteRefs,
  type Resolved,
  revisionNotFound,
  tagsAt,
} from './access/refs.ts';
import {
  directoryOf,
  type GitProtocol,
  mirrorName,
  parseRemote,
  type Remote,
  readerOf,
} from './access/remote.ts';
import { shareNext } from './access/shared-listing.ts';
import { type SignatureVerdict, verifySignature } from './access/signature.ts';
import { tagObject } from './access/tag.ts';
import { type Checkout, createCheckouts } from './checkout/checkout.ts';
import { listTree, type TreeEntry } from './checkout/tree.ts';
import type { SubmoduleAccess } from './checkout/write-commit.ts';
import { type CommitMemory, createCommitMemory } from './memory.ts';
import { createBlobReader, type Reached } from './mirror/blob-reader.ts';
import { createFileLock } from './mirror/lock.ts';
import { type Mirror, mirrorOf } from './mirror/mirror.ts';
import { createMirrorUsage } from './mirror/usage.ts';
import { type GitSetting, runGit } from './run/command.ts';
import { remoteFailure } from './run/failure.ts';
import { type StartGit, startGit } from './run/program.ts';

export type { RemoteRefs, Resolved } from './access/refs.ts';
export type { GitProtocol } from './access/remote.ts';
export type { SignatureVerdict } from './access/signature.ts';
export type { Checkout } from './checkout/checkout.ts';
export type { TreeEntry } from './checkout/tree.ts';
export type { SubmoduleAccess } from './checkout/write-commit.ts';

export type GitOptions = {
  /** A directory of Keelson's own; workers on one machine may share it. */
  readonly cacheDir: string;
  readonly searchPath?: string;
  /** Variables that Git gets besides its own, by name: proxies, certificate stores. */
  readonly environment?: Readonly<Record<string, string>>;
  /** `file` lets an application read any repository on the worker's disk: for local mode and tests. */
  readonly protocols?: readonly GitProtocol[];
  /** For one Git command, a first fetch of a large repository included. */
  readonly timeoutSeconds?: number;
  /** For one listing of refs; a server that takes longer is as good as away. */
  readonly listingSeconds?: number | (() => number);
  /** Tries of a listing that fails by what may pass. */
  readonly attempts?: number;
  /** Size of all mirrors from which those are thrown away that were not used for longest. */
  readonly cacheLimitBytes?: number;
  /** Hosts, addresses and ranges that submodules, redirects and LFS may lead to although they are private. */
  readonly privateHosts?: readonly string[];
  /** Runs Git elsewhere than as a child of this process. */
  readonly start?: StartGit;
};

/** Which repository, and how it is reached. */
export type GitSource = {
  readonly access: RepositoryAccess;
  readonly signal?: AbortSignal | undefined;
};

/** What a checkout writes. */
export type CheckoutSource = GitSource & {
  readonly sha: string;
  readonly paths?: readonly string[] | undefined;
  /** How submodules are reached; without it their directories stay empty. */
  readonly submodules?: SubmoduleAccess | undefined;
  /** Leaves out, with their directories, those that are neither in these folders nor around them. */
  readonly submodulesWithin?: readonly string[] | undefined;
};

/** Who made a commit, when and why. */
export type RevisionMetadata = {
  readonly author: string;
  /** RFC 3339. */
  readonly date: string;
  readonly message: string;
  readonly tags: readonly string[];
};

/** Read access to Git repositories. */
export type Git = {
  /** What its readers remember of commits. */
  readonly memory: CommitMemory;
  /** What a repository advertises, in one `ls-remote`. */
  listRefs(source: GitSource): Promise<RemoteRefs>;
  /** The commit that a revision names: nothing, a branch, a tag, a semver constraint, a ref or a SHA. */
  resolveRevision(source: GitSource & { readonly revision?: string | undefined }): Promise<Resolved>;
  /**
   * The files of a commit, to be read only and released after use: all, or what lies at or below the given files and
   * directories (with the `.gitattributes` above them); a path that is not in the commit gives nothing.
   */
  checkout(source: CheckoutSource): Promise<Checkout>;
  /** The whole tree of a commit, directories, symlinks and submodules included; the same listing is shared. */
  listFiles(source: GitSource & { readonly sha: string }): Promise<readonly TreeEntry[]>;
  /**
   * Contents as the commit stores them (a symlink's is its target, a file kept in LFS is its pointer), by path; what is
   * no file in the commit is left out.
   */
  readFiles(
    source: GitSource & { readonly sha: string; readonly paths: readonly string[] },
  ): Promise<ReadonlyMap<string, Buffer>>;
  /** The same, unless all of them together are larger than `limitBytes`. */
  readSmallFiles(
    source: GitSource & {
      readonly sha: string;
      readonly paths: readonly string[];
      readonly limitBytes: number;
    },
  ): Promise<ReadonlyMap<string, Buffer> | undefined>;
  /** A path for a new folder that is removed with this worker's checkouts at the latest. */
  newFolder(): Promise<string>;
  /**
   * Checks the signature of a commit, or of the annotated tag that leads to it, against armored public keys; `ref` is
   * the one that was resolved (`refs/tags/v1`).
   */
  verifySignature(
    source: GitSource & {
      readonly sha: string;
      readonly ref?: string | undefined;
      readonly keys: readonly string[];
    },
  ): Promise<SignatureVerdict>;
  revisionMetadata(source: GitSource & { readonly sha: string }): Promise<RevisionMetadata>;
  /** Removes the checkouts of this worker; mirrors stay for the next one. */
  dispose(): Promise<void>;
};

const defaultSearchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin';

/** 10 GiB. */
const defaultCacheLimit = 10 * 1024 ** 3;

/** Read access to Git repositories over HTTP(S), SSH and files, with mirrors under a cache directory. */
export function createGit(options: GitOptions): Git {
  const { protocols = ['https', 'http', 'ssh', 'file'] } = options;
  const setting: GitSetting = {
    cacheDir: resolve(options.cacheDir),
    ...runSettingOf(options),
    wayOut: createWayOut(),
    privateHosts: privateHosts(options.privateHosts ?? []),
    ...appLoginsOf(),
    ...mirrorsOf(options),
    start: options.start ?? startGit,
    admit: (...asked) => admission.admit(...asked),
    remoteOf: (access) => {
      const remote = parseRemote(access, protocols);
      refuseOwnCache(setting, remote);
      return remote;
    },
  };
  mkdirSync(setting.cacheDir, { recursive: true, mode: 0o700 });
  const checkouts = createCheckouts(setting);
  const listings = createListings();
  const blobs = createBlobReader(setting);
  const share = shareNext<RemoteRefs>();
  /** A hundred applications of one repository that are synced at once cost two listings, not a hundred. */
  const sharedRefs = (remote: Remote, signal: AbortSignal | undefined): Promise<RemoteRefs> =>
    share(readerOf(remote), (stopped) => listRefs(setting, remote, stopped), signal);
  const admission = createAdmission(async (remote, signal) => void (await sharedRefs(remote, signal)));

  /** Works on the mirror with a commit in it, for a reader whom the server has let in. */
  const reach = async <T>(
    source: GitSource & { readonly sha: string },
    work: (reached: Reached) => Promise<T>,
  ): Promise<T> => {
    requireFullSha(source.sha);
    const [remote, sha] = [setting.remoteOf(source.access), source.sha.toLowerCase()];
    const mirror = mirrorOf(setting, remote);
    return await setting.usage.use(mirror.dir, async () => {
      await admission.admit(remote, () => mirror.ensure(sha, source.signal), source.signal);
      return await work({ remote, sha, mirror });
    });
  };

  /** Without the caller's signal: others may be waiting for the same listing, and it takes no network. */
  const listed = ({ remote, sha, mirror }: Reached): Promise<readonly TreeEntry[]> =>
    listings.get(`${mirrorName(remote)}/${sha}`, () => listTree(setting, { dir: mirror.dir }, sha));

  return {
    memory: createCommitMemory(),
    listRefs: async (source) => {
      const remote = setting.remoteOf(source.access);
      return await admission.witness(remote, () => sharedRefs(remote, source.signal));
    },
    resolveRevision: async (source) => {
      const revision = source.revision?.trim() ?? '';
      if (isFullSha(revision)) return { sha: revision.toLowerCase() };
      const remote = setting.remoteOf(source.access);
      const refs = await admission.witness(remote, () => sharedRefs(remote, source.signal));
      const found = findRevision(refs, revision);
      if (found !== undefined) return found;
      const sha = isShortSha(revision)
        ? await expandSha(setting, remote, revision, source.signal)
        : undefined;
      if (sha !== undefined) return { sha };
      throw revisionNotFound(remote.url, revision, refs);
    },
    checkout: async (source) => {
      const { paths, submodules, submodulesWithin, signal } = source;
      return await reach(source, ({ remote, sha }) =>
        checkouts.checkout({ remote, sha, paths, submodules, submodulesWithin }, signal),
      );
    },
    listFiles: async (source) => await reach(source, listed),
    readFiles: async (source) =>
      await reach(source, async (reached) => {
        const oids = filesAt(await listed(reached), source.paths);
        return byPath(oids, await blobs.read(reached, [...oids.values()], source.signal));
      }),
    readSmallFiles: async (source) =>
      await reach(source, async (reached) => {
        const oids = filesAt(await listed(reached), source.paths);
        const sizes = await blobs.sizes(reached, [...oids.values()], source.signal);
        const total = [...oids.values()].reduce((sum, oid) => sum + (sizes.get(oid) ?? 0), 0);
        if (total > source.limitBytes) return undefined;
        return byPath(oids, await blobs.read(reached, [...oids.values()], source.signal));
      }),
    newFolder: () => checkouts.newFolder(),
    verifySignature: async (source) =>
      await reach(source, async ({ mirror, sha }) => {
        const store = { dir: mirror.dir, signal: source.signal };
        const tag = await tagObject(setting, mirror, source.ref, sha, source.signal);
        return await verifySignature(setting, store, tag ?? { kind: 'commit', oid: sha }, source.keys);
      }),
    revisionMetadata: async (source) =>
      await reach(source, ({ remote, sha, mirror }) =>
        readMetadata(setting, remote, mirror, sha, source.signal),
      ),
    dispose: () => checkouts.dispose().finally(setting.wayOut.close),
  };
}

function appLoginsOf(): Pick<GitSetting, 'appLogin' | 'forgetLogin'> {
  const apps = createAppLogins();
  return { appLogin: apps.login, forgetLogin: apps.forget };
}

function runSettingOf({
  searchPath = defaultSearchPath,
  environment = {},
  timeoutSeconds = 300,
  listingSeconds = 60,
  attempts = 1,
}: GitOptions) {
  const given = listingSeconds;
  const seconds = typeof given === 'number' ? () => given : given;
  return { searchPath, environment, timeoutSeconds, listingSeconds: seconds, attempts };
}

/** One lock for mirrors and for who uses them. */
function mirrorsOf({
  cacheDir,
  cacheLimitBytes = defaultCacheLimit,
}: GitOptions): Pick<GitSetting, 'lock' | 'usage'> {
  const lock = createFileLock();
  return { lock, usage: createMirrorUsage(resolve(cacheDir), cacheLimitBytes, lock) };
}

/** Lists what a repository has; what fails by the network is tried again as often as the worker is set to. */
async function listRefs(
  setting: GitSetting,
  remote: Remote,
  signal: AbortSignal | undefined,
): Promise<RemoteRefs> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listRefsOnce(setting, remote, signal);
    } catch (error) {
      const mayPass = error instanceof KeelsonError && error.retryable;
      if (!mayPass || signal?.aborted === true || attempt >= setting.attempts) throw error;
    }
  }
}

async function listRefsOnce(
  setting: GitSetting,
  remote: Remote,
  signal: AbortSignal | undefined,
): Promise<RemoteRefs> {
  const listed = await runGit(setting, {
    args: ['ls-remote', '--symref', remote.url],
    // The first protocol answers a listing in one round trip where the second needs two: 25 ms instead of 38.
    configuration: { 'protocol.version': '0' },
    remote,
    signal,
    timeoutSeconds: setting.listingSeconds(),
  });
  if (listed.exitCode !== 0) throw remoteFailure(remote, listed.stderr);
  return parseRefs(listed.stdout);
}

/** The blobs of those paths that are files or symlinks. */
function filesAt(entries: readonly TreeEntry[], paths: readonly string[]): Map<string, string> {
  const wanted = new Set(paths);
  const found = new Map<string, string>();
  for (const { path, type, oid } of entries) {
    if (type === 'blob' && wanted.has(path)) found.set(path, oid);
  }
  return found;
}

function byPath(
  oids: ReadonlyMap<string, string>,
  blobs: ReadonlyMap<string, Buffer>,
): ReadonlyMap<string, Buffer> {
  return new Map([...oids].map(([path, oid]) => [path, blobs.get(oid) ?? Buffer.alloc(0)]));
}

/** The commit that a short SHA begins, which only the repository's history can tell. */
async function expandSha(
  setting: GitSetting,
  remote: Remote,
  short: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const mirror = mirrorOf(setting, remote);
  const found = await setting.usage.use(mirror.dir, async () => {
    await mirror.fetchAll(signal);
    const args = ['rev-parse', '--verify', `${short}^{commit}`];
    return await runGit(setting, { args, cwd: mirror.dir, signal });
  });
  return found.exitCode === 0 ? found.stdout.trim() : undefined;
}

async function readMetadata(
  setting: GitSetting,
  remote: Remote,
  mirror: Mirror,
  sha: string,
  signal: AbortSignal | undefined,
): Promise<RevisionMetadata> {
  const format = '--format=%an <%ae>%x00%cI%x00%B';
  const shown = await runGit(setting, {
    args: ['show', '--no-patch', '--no-show-signature', format, `${sha}^{commit}`],
    cwd: mirror.dir,
    signal,
  });
  if (shown.exitCode !== 0) {
    throw new KeelsonError(
      'revision-not-found',
      `${sha} is not a commit in ${remote.url}; use a commit's SHA`,
    );
  }
  const [author = '', date = '', message = ''] = shown.stdout.split('\0');
  const refs = await listRefs(setting, remote, signal);
  return { author, date, message: message.trim(), tags: tagsAt(refs, sha) };
}

function requireFullSha(sha: string): void {
  if (isFullSha(sha)) return;
  throw new KeelsonError('invalid-argument', `'${sha}' is not a full commit SHA; resolve the revision first`);
}

/** The mirrors hold other repositories' files, which credentials protect. */
function refuseOwnCache(setting: GitSetting, remote: Remote): void {
  const directory = directoryOf(remote);
  if (directory === undefined) return;
  if (directory !== setting.cacheDir && !directory.startsWith(setting.cacheDir + sep)) return;
  throw new KeelsonError(
    'source-unreachable',
    `repository ${remote.url}: Keelson's own cache is not a source; use the repository's real address`,
  );
}
