import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { RenderTools } from '../../../activities/render/render.ts';
import { canonicalJson } from '../../../core/object/json/canonical.ts';
import { readManifests } from '../../../core/object/manifest/read-manifests.ts';
import { runHelm } from '../servers/helm-charts.ts';
import type { TreeFiles } from './render-files.ts';

const run = promisify(execFile);

/** Writes files into a folder that is removed afterwards, for the plain tools to work in. */
export async function withPlainFiles<T>(files: TreeFiles, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'keelson-plain-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      const place = join(dir, path);
      await mkdir(dirname(place), { recursive: true });
      if (typeof content === 'object' && 'link' in content) await symlink(content.link, place);
      else await writeFile(place, content);
    }
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What `helm template` prints for a chart after `helm dependency` has put its dependencies there. */
export async function plainHelm(
  { helm }: RenderTools,
  files: TreeFiles,
  args: readonly string[] = [],
): Promise<string[]> {
  return await withPlainFiles(files, async (dir) => {
    const chart = join(dir, 'app');
    await runHelm(helm, ['dependency', 'update', '.'], chart);
    return objectsIn(await runHelm(helm, ['template', 'demo', '.', '--namespace', 'target', ...args], chart));
  });
}

/** What `kustomize build` prints for a folder after these edits, an argument list for each. */
export async function plainKustomize(
  { kustomize }: RenderTools,
  files: TreeFiles,
  edits: readonly (readonly string[])[],
): Promise<string[]> {
  return await withPlainFiles(files, async (dir) => {
    for (const edit of edits) await run(kustomize, ['edit', ...edit], { cwd: join(dir, 'app') });
    return objectsIn((await run(kustomize, ['build', 'app'], { cwd: dir })).stdout);
  });
}

function objectsIn(output: string): string[] {
  return readManifests(output, 'plain output').manifests.map((one) => canonicalJson(one));
}
