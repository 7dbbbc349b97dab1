import { KeelsonError } from '../../../core/errors.ts';
import { withoutTrailing } from '../../../core/text/trim.ts';
import type { Remote } from '../access/remote.ts';
import { type GitSetting, runGit } from '../run/command.ts';
import { type ObjectStore, readBlobs, type TreeEntry } from './tree.ts';

/** A repository inside another one, at a commit. */
export type Submodule = {
  /** The directory, from the root of the repository it is in. */
  readonly path: string;
  /** Its address, relative ones resolved. */
  readonly url: string;
  readonly sha: string;
};

/**
 * The submodules at the given entries of a commit, by what its `.gitmodules` says of them. Those that it doesn't name,
 * or says `update = none` of, stay empty folders, as in a clone that Git itself makes.
 */
export async function readSubmodules(
  setting: GitSetting,
  store: ObjectStore,
  remote: Remote,
  modules: TreeEntry | undefined,
  entries: readonly TreeEntry[],
): Promise<Submodule[]> {
  const named = modules === undefined ? new Map<string, Named>() : await namedIn(setting, store, modules);
  return entries.flatMap(({ path, oid }) => {
    const found = named.get(path);
    if (found === undefined || found.update === 'none') return [];
    if (found.url === undefined) {
      throw new KeelsonError(
        'source-unreachable',
        `repository ${remote.url}: submodule ${path} has no url in .gitmodules; add one or remove the submodule`,
      );
    }
    return [{ path, url: resolveAddress(remote.url, found.url), sha: oid }];
  });
}

async function namedIn(
  setting: GitSetting,
  store: ObjectStore,
  modules: TreeEntry,
): Promise<Map<string, Named>> {
  const content = (await readBlobs(setting, store, [modules.oid])).get(modules.oid);
  const listed = await runGit(setting, {
    args: ['config', '--file', '-', '--no-includes', '--null', '--list'],
    input: content?.toString('utf8') ?? '',
    signal: store.signal,
  });
  return parseModules(listed.stdout);
}

type Named = { readonly url?: string; readonly update?: string };

/** Reads `git config --null --list` of a `.gitmodules`: what it says of submodules, by their directories. */
export function parseModules(output: string): Map<string, Named> {
  const sections = new Map<string, { path?: string; url?: string; update?: string }>();
  for (const setting of output.split('\0')) {
    const [key = '', ...value] = setting.split('\n');
    const [, name, field] = /^submodule\.(.*)\.(path|url|update)$/s.exec(key) ?? [];
    if (name === undefined) continue;
    const section = sections.get(name) ?? {};
    section[field as 'path' | 'url' | 'update'] = value.join('\n');
    sections.set(name, section);
  }
  const found = new Map<string, Named>();
  for (const { path, ...named } of sections.values()) {
    if (path !== undefined) found.set(withoutTrailing(path, '/'), named);
  }
  return found;
}

/** An address that starts with a dot is relative to that of the repository, each `..` taking off one part. */
export function resolveAddress(base: string, address: string): string {
  if (!/^\.\.?(\/|$)/.test(address)) return address;
  let [left, right] = [withoutTrailing(base, '/'), address];
  for (;;) {
    if (right.startsWith('./')) right = right.slice(2);
    else if (right.startsWith('../')) {
      right = right.slice(3);
      left = parentOf(left);
    } else break;
  }
  const separator = left.endsWith(':') ? '' : '/';
  return withoutTrailing(`${left}${separator}${right}`, '/');
}

/** `git@host:team` is below `git@host:`, as `https://host/team` is below `https://host`. */
function parentOf(address: string): string {
  const slash = address.lastIndexOf('/');
  const isHost = slash === -1 || address[slash - 1] === '/';
  if (!isHost) return address.slice(0, slash);
  const colon = address.lastIndexOf(':');
  return slash === -1 && colon !== -1 ? address.slice(0, colon + 1) : address;
}
