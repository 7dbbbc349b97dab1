import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Files } from '../../test/support/servers/git-server.ts';
import type { ParityCase } from './cases.ts';

/** Charts in these folders come with another one. */
const inner = /(^|\/)charts\/[^/]+\/charts(\/|$)|(^|\/)(\.git|node_modules)(\/|$)/;
const kustomizations: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]);

/** Every chart and kustomization in a folder; libraries and components, which make nothing of their own, aside. */
export async function sourcesIn(root: string): Promise<ParityCase[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const cases = await Promise.all(
    entries.map(async (entry): Promise<ParityCase[]> => {
      const file = relative(root, join(entry.parentPath, entry.name));
      const path = dirname(file);
      const isChart = basename(file) === 'Chart.yaml';
      if (!entry.isFile() || inner.test(path) || !(isChart || kustomizations.has(entry.name))) return [];
      const text = await readFile(join(root, file), 'utf8');
      const isPart = isChart ? /^type:\s*"?library/m.test(text) : /^kind:\s*"?Component/m.test(text);
      return isPart ? [] : [{ path, chart: isChart }];
    }),
  );
  return cases.flat().sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** The files below a folder of a root, by their paths from the root, as a repository takes them. */
export async function filesBelow(root: string, folder: string): Promise<Files> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = paths.map(async (path): Promise<[string, Uint8Array]> => {
    return [relative(root, path).replaceAll(sep, '/'), await readFile(path)];
  });
  return Object.fromEntries(await Promise.all(pairs));
}
