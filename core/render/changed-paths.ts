import { matchesGlob } from '../text/glob.ts';
import { below, filesBelow, folderMode, isWithin, type Tree } from './tree.ts';

/** The files that one tree has and the other has not, or has with another content; folders that are equal aren't entered. */
export function* changedPaths(before: Tree, after: Tree, folder = ''): Generator<string> {
  const names = new Set([...before.names(folder), ...after.names(folder)]);
  for (const name of names) {
    const path = below(folder, name);
    const [old, now] = [before.at(path), after.at(path)];
    if (old?.oid === now?.oid && old?.mode === now?.mode) continue;
    if (old?.mode === folderMode && now?.mode === folderMode) yield* changedPaths(before, after, path);
    else yield* new Set([...filesAt(before, path), ...filesAt(after, path)]);
  }
}

function* filesAt(tree: Tree, path: string): Generator<string> {
  const entry = tree.at(path);
  if (entry?.mode === folderMode) yield* filesBelow(tree, path);
  else if (entry !== undefined) yield path;
}

/** An application's own list of the paths that it is generated from. */
export const generatePathsAnnotation = 'argocd.argoproj.io/manifest-generate-paths';

/**
 * Whether a change of these files is one of what an application says that it is generated from: paths from the source's
 * folder, or with a slash from the root; folders, files or patterns. Without such a list every change is.
 */
export function touchesGeneratePaths(
  annotation: string | undefined,
  sourcePath: string,
  changed: Iterable<string>,
): boolean {
  const listed = (annotation ?? '').split(';').map((path) => path.trim());
  const paths = listed.filter((path) => path !== '').map((path) => rooted(sourcePath, path));
  if (paths.length === 0) return true;
  for (const file of changed) {
    for (const path of paths) {
      if (isWithin(path, file) || matchesPath(path, file)) return true;
    }
  }
  return false;
}

/** Whether a file fits a pattern, part by part: here `*` doesn't cross a slash. */
function matchesPath(pattern: string, file: string): boolean {
  const [wanted, parts] = [pattern.split('/'), file.split('/')];
  return wanted.length === parts.length && wanted.every((one, at) => matchesGlob(one, parts[at] ?? ''));
}

/** A path from the root, by its text alone. */
function rooted(sourcePath: string, path: string): string {
  const written = path.startsWith('/') ? path : `${sourcePath}/${path}`;
  const parts: string[] = [];
  for (const part of written.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
