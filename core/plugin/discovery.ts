import { pathGlobPattern } from '../text/path-glob.ts';
import type { Discovery } from './plugin-file.ts';

/** What a plugin's patterns say of a folder: it is its own or not, or its program has to be asked. */
export type Discovered = 'match' | 'no-match' | 'ask';

/**
 * Looks for what a plugin discovers among the paths of a folder's files, at any depth; of several ways that a plugin
 * file names the first counts alone: file name, glob, program. Folders count by their names as well; what is behind a
 * symlink doesn't.
 */
export function discover({ fileName, glob, command }: Discovery, files: readonly string[]): Discovered {
  const written = fileName === undefined ? glob : withoutDepth(fileName);
  if (written === undefined) return command === undefined ? 'no-match' : 'ask';
  const pattern = pathGlobPattern(written);
  return files.some((file) => pattern.testOnTheWay(file)) ? 'match' : 'no-match';
}

/** In a file name two asterisks are one: only a glob goes into folders. */
function withoutDepth(pattern: string): string {
  return pattern.replaceAll(/\*{2,}/g, '*');
}
