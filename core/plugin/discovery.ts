import { expandPathGlob, type ListFolder } from '../path-glob.ts';
import type { Discovery } from './plugin-file.ts';

/** What a plugin's patterns say of a folder: it is its own or not, or its program has to be asked. */
export type Discovered = 'match' | 'no-match' | 'ask';

/**
 * Looks a folder through for what a plugin discovers; `list` lists by paths from the folder. Of several ways that a
 * plugin file names the first counts alone: file name, glob, program.
 */
export async function discover(
  { fileName, glob, command }: Discovery,
  list: ListFolder,
): Promise<Discovered> {
  const pattern = fileName === undefined ? glob : withoutDepth(fileName);
  if (pattern === undefined) return command === undefined ? 'no-match' : 'ask';
  return (await expandPathGlob(pattern, list)).length > 0 ? 'match' : 'no-match';
}

/** In a file name two asterisks are one: only a glob goes into folders. */
function withoutDepth(pattern: string): string {
  return pattern.replaceAll(/\*{2,}/g, '*');
}
