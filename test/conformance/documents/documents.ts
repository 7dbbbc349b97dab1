import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { productFolders, sourceFiles } from '../../support/check/source-files.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A file of the repository. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The files below a folder of the repository whose names end in one of these ways. */
export function filesBelow(folder: string, endings: readonly string[]): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.some((ending) => name.endsWith(ending)) && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

/** What people read who use Keelson or work on it. The list of changes is of the past and names what was. */
export const documents: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md'),
  ...['docs', 'deploy', 'examples', 'bench'].flatMap((folder) => filesBelow(folder, ['.md'])),
];

/** The texts of all matches of a pattern in files, each once; the first group where there is one. */
export function namesIn(files: readonly string[], pattern: RegExp): Set<string> {
  const found = files.flatMap((file) => [...read(file).matchAll(pattern)]);
  return new Set(found.map((match) => match[1] ?? match[0]));
}

/** What of one set is not in the other. */
export function without(some: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...some].filter((one) => !others.has(one)).sort();
}

/** Sources of what is shipped, tests left out. */
export function productSources(): string[] {
  return [...sourceFiles(productFolders), 'bin/keelson.js', 'local/install.js'];
}
