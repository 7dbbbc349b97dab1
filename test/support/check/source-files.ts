import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of the product's own code, tests and benchmarks aside. */
export const productFolders = [
  'activities',
  'api',
  'bin',
  'cli',
  'cluster',
  'control',
  'core',
  'db',
  'engine',
  'local',
  'platform',
  'ui',
  'workflows',
] as const;

/** The product's TypeScript in some folders, in order; tests and what is made or installed left out. */
export function sourceFiles(folders: readonly string[]): string[] {
  return filesIn(folders).filter((file) => !isTest(file));
}

/** Every test, and all that only tests use. */
export function testFiles(): string[] {
  const besideTheirSource = filesIn([...productFolders, 'bench']).filter(isTest);
  return [...besideTheirSource, ...filesIn(['test'])].toSorted();
}

const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file);

function filesIn(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .filter((file) => /\.tsx?$/.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
    .toSorted();
}
