import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
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
