import { KeelsonError } from '../../core/errors.ts';
import { type GitSetting, runGit } from './command.ts';
import type { Remote } from './remote.ts';
import { type ObjectStore, readBlobs, type TreeEntry } from './tree.ts';

/** A repository inside another one, at a commit. */
export type Submodule = {
  /** The directory, from the root of the repository it is in. */
  readonly path: string;
  /** Its address, relative ones resolved. */
  readonly url: string;
  readonly sha: string;
};

/** The submodules at the given entries of a commit, by what its `.gitmodules` says of them. */
export async function readSubmodules(
  setting: GitSetting,
  store: ObjectStore,
  remote: Remote,
  modules: TreeEntry | undefined,
  entries: readonly TreeEntry[],
): Promise<Submodule[]> {
  const urls = modules === undefined ? new Map<string, string>() : await addresses(setting, store, modules);
  return entries.map(({ path, oid }) => {
    const url = urls.get(path);
    if (url === undefined) {
      throw new KeelsonError(
        'source-unreachable',
        `repository ${remote.url}: submodule ${path} has no url in .gitmodules; add one or remove the submodule`,
      );
    }
    return { path, url: resolveAddress(remote.url, url), sha: oid };
  });
}

async function addresses(
  setting: GitSetting,
  store: ObjectStore,
  modules: TreeEntry,
): Promise<Map<string, string>> {
  const content = (await readBlobs(setting, store, [modules.oid])).get(modules.oid);
  const listed = await runGit(setting, {
    args: ['config', '--file', '-', '--no-includes', '--null', '--list'],
    input: content?.toString('utf8') ?? '',
    signal: store.signal,
  });
  return parseModules(listed.stdout);
}

/** Reads `git config --null --list` of a `.gitmodules`: addresses by the directories of their submodules. */
export function parseModules(output: string): Map<string, string> {
  const sections = new Map<string, { path?: string; url?: string }>();
  for (const setting of output.split('\0')) {
    const [key = '', ...value] = setting.split('\n');
    const [, name, field] = /^submodule\.(.*)\.(path|url)$/s.exec(key) ?? [];
    if (name === undefined) continue;
    const section = sections.get(name) ?? {};
    section[field === 'path' ? 'path' : 'url'] = value.join('\n');
    sections.set(name, section);
  }
  const found = new Map<string, string>();
  for (const { path, url } of sections.values()) {
    if (path !== undefined && url !== undefined) found.set(path.replace(/\/+$/, ''), url);
  }
  return found;
}

/** An address that starts with a dot is relative to that of the repository, each `..` taking off one part. */
export function resolveAddress(base: string, address: string): string {
  if (!/^\.\.?(\/|$)/.test(address)) return address;
  let [left, right] = [base.replace(/\/+$/, ''), address];
  for (;;) {
    if (right.startsWith('./')) right = right.slice(2);
    else if (right.startsWith('../')) {
      right = right.slice(3);
      left = parentOf(left);
    } else break;
  }
  const separator = left.endsWith(':') ? '' : '/';
  return `${left}${separator}${right}`.replace(/\/+$/, '');
}

/** `git@host:team` is below `git@host:`, as `https://host/team` is below `https://host`. */
function parentOf(address: string): string {
  const slash = address.lastIndexOf('/');
  const isHost = slash === -1 || address[slash - 1] === '/';
  if (!isHost) return address.slice(0, slash);
  const colon = address.lastIndexOf(':');
  return slash === -1 && colon !== -1 ? address.slice(0, colon + 1) : address;
}
