import { KeelsonError } from '../errors.ts';
import { formatJson } from '../object/json/json.ts';
import { follow, nodeAt, type PathNode, walkBudget } from '../symlinks.ts';

/** What an archive says of one member. */
export type ListedMember = {
  readonly name: string;
  readonly type: 'directory' | 'file' | 'link' | 'symlink' | 'other';
  /** Of links: where they lead. */
  readonly target: string;
  readonly size: number;
};

/** What an archive may grow to. */
export type UnpackLimits = {
  /** For its members and the folders that their names imply. */
  readonly maxEntries: number;
  /** For the content of all files together. */
  readonly maxBytes: number;
};

/** What a member becomes, once the whole archive is known to be harmless. */
export type Placement =
  | { readonly kind: 'write'; readonly path: string }
  /** A hard link, as a copy of what its target is at that point of the archive. */
  | { readonly kind: 'copy'; readonly path: string; readonly from: string };

/** Everything that unpacking an archive writes, below the folder that it is unpacked into. */
export type Layout = {
  /** Parents before their children. */
  readonly folders: readonly string[];
  /** What members of these positions become; the others are folders and symlinks. */
  readonly placements: ReadonlyMap<number, Placement>;
  /** Their targets by their paths, none of which is below another. */
  readonly symlinks: ReadonlyMap<string, string>;
};

/** Takes the members of an archive in their order, and says what they make together. */
export type LayoutBuilder = { add(member: ListedMember): void; finish(): Layout };

/** A third of what systems allow a whole path in bytes: characters have up to three, and Keelson's folder is before it. */
const maxPathLength = 1200;
const maxPartBytes = 255;

/**
 * Decides what unpacking an archive would write, from the list of its members alone. Refuses what is or leads outside,
 * members below symlinks, one path for two kinds of things, devices, and more than the limits.
 */
export function createLayout(limits: UnpackLimits): LayoutBuilder {
  const root: PathNode = { kind: 'folder' };
  const placements = new Map<number, Placement>();
  const folders = new Set<string>();
  const sizes = new Map<string, number>();
  const symlinks = new Map<string, string>();
  let [members, entries, bytes] = [0, 0, 0];

  const countBytes = (more: number): void => {
    bytes += more;
    if (bytes > limits.maxBytes) {
      throw archiveRefusal(`holds more than ${limits.maxBytes} bytes when unpacked`);
    }
  };
  const countEntry = (): void => {
    entries += 1;
    if (entries > limits.maxEntries) {
      throw archiveRefusal(`has more than ${limits.maxEntries} members and folders`);
    }
  };

  const addFolder = (path: string): void => {
    const missing: string[] = [];
    for (let at = path; at !== '' && !folders.has(at); at = parentOf(at)) missing.push(at);
    for (const at of missing.reverse()) {
      claim(nodeAt(root, at), 'folder', path);
      folders.add(at);
      countEntry();
    }
  };

  const addFile = (path: string, size: number, placement: Placement): void => {
    addFolder(parentOf(path));
    claim(nodeAt(root, path), 'file', path);
    countBytes(size);
    sizes.set(path, size);
    placements.set(members - 1, placement);
  };

  const addLink = (path: string, target: string): void => {
    const from = safeName(target);
    const size = from === undefined ? undefined : sizes.get(from);
    if (from === undefined || size === undefined) {
      throw archiveRefusal(`has a hard link ${path} to what is no file before it`);
    }
    // A link to itself changes nothing, and its target would be gone before it is copied.
    if (from !== path) addFile(path, size, { kind: 'copy', path, from });
  };

  const addSymlink = (path: string, target: string): void => {
    if (!isPossible(target)) throw archiveRefusal(`has a symlink ${path} to an impossible name`);
    addFolder(parentOf(path));
    const node = nodeAt(root, path);
    claim(node, 'symlink', path);
    node.target = target;
    symlinks.set(path, target);
  };

  const adders: Readonly<Record<ListedMember['type'], (path: string, member: ListedMember) => void>> = {
    directory: (path) => addFolder(path),
    file: (path, { size }) => addFile(path, size, { kind: 'write', path }),
    link: (path, { target }) => addLink(path, target),
    symlink: (path, { target }) => addSymlink(path, target),
    other: (path) => {
      throw archiveRefusal(`has a member ${path} that is neither file, folder nor link`);
    },
  };

  return {
    add: (member) => {
      members += 1;
      // Folders count as they are made, which names of other members do too.
      if (member.type !== 'directory') countEntry();
      const path = safeName(member.name);
      if (path !== undefined) adders[member.type](path, member);
    },
    finish: () => {
      refuseFolded(symlinks, [...folders, ...sizes.keys(), ...symlinks.keys()]);
      return { folders: [...folders], placements, symlinks: leadingSomewhere(root, symlinks) };
    },
  };
}

/** The failure of an archive that is not taken, in words that follow "the archive". */
export function archiveRefusal(what: string): KeelsonError {
  return new KeelsonError('source-unreachable', `the archive ${what}; pack and publish it without`);
}

/** Gives a place its kind; a place has one, whatever the order of the members. */
function claim(node: PathNode, kind: 'file' | 'folder' | 'symlink', member: string): void {
  if (node.kind === 'symlink' && kind === 'folder') {
    throw archiveRefusal(`has a member ${member} that is below a symlink`);
  }
  if (node.kind !== 'unknown' && node.kind !== kind) {
    throw archiveRefusal('names one path for two different things');
  }
  node.kind = kind;
}

/** A disk that takes capital letters for small ones would lead what is beside a symlink through it. */
function refuseFolded(symlinks: ReadonlyMap<string, string>, paths: readonly string[]): void {
  const folded = new Map([...symlinks.keys()].map((path) => [foldedOf(path), path]));
  const found = paths.find((path) => (folded.get(foldedOf(path)) ?? path) !== path);
  if (found === undefined) return;
  throw archiveRefusal(`has a symlink and a member ${found} that differ in capital letters alone`);
}

function foldedOf(path: string): string {
  return path.normalize('NFKC').toLowerCase();
}

/** Those that stay inside; one that leads nowhere is left out, since nothing can be read through it. */
function leadingSomewhere(root: PathNode, symlinks: ReadonlyMap<string, string>): Map<string, string> {
  const kept = new Map<string, string>();
  const budget = walkBudget();
  for (const [path, target] of symlinks) {
    const found = follow(root, path, budget);
    if (found === 'outside') throw archiveRefusal(`has a symlink ${path} that leads out of it`);
    if (found === 'endless') throw archiveRefusal(`has a symlink ${path} that leads round in circles`);
    if (found !== 'missing') kept.set(path, target);
  }
  return kept;
}

/** A member's path below the folder; undefined for the folder itself. */
function safeName(name: string): string | undefined {
  if (name.includes('\\') || !isPossible(name))
    throw archiveRefusal(`has a member with an impossible name (${formatJson(name)})`);
  const parts: string[] = [];
  let leaves = name.startsWith('/');
  for (const part of name.split('/')) {
    if (part === '..') leaves ||= parts.pop() === undefined;
    else if (part !== '' && part !== '.') parts.push(part);
  }
  if (leaves) throw archiveRefusal(`has a member ${name} that leads out of it`);
  return parts.length === 0 ? undefined : parts.join('/');
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function isPossible(path: string): boolean {
  return (
    !path.includes('\0') &&
    path.length <= maxPathLength &&
    path.split('/').every((part) => new TextEncoder().encode(part).length <= maxPartBytes)
  );
}
