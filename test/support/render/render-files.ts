import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesOnDisk } from '../../../activities/render/files/source-files.ts';
import type { RenderRequest, RenderResult } from '../../../activities/render/render.ts';
import { renderSource } from '../../../activities/render/render.ts';
import type { SourceOptions } from './render-source.ts';

/** Contents by path; a link is written as `{ link: target }`. */
export type TreeFiles = Readonly<Record<string, string | Uint8Array | { readonly link: string }>>;

/** Writes files and links into a new folder, as a checkout would, without Git's own refusals. */
export async function writeTree(files: TreeFiles): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'keelson-tree-'));
  // Readable for the sandbox's own user, as checkouts are.
  await chmod(root, 0o755);
  await Promise.all(
    Object.entries(files).map(async ([path, content]) => {
      const place = join(root, path);
      await mkdir(dirname(place), { recursive: true });
      if (typeof content === 'object' && 'link' in content) await symlink(content.link, place);
      else await writeFile(place, content, { mode: 0o755 });
    }),
  );
  return root;
}

/** Renders a folder `app` of files that are written for it and removed afterwards. */
export async function renderTree(
  files: TreeFiles,
  surroundings: Pick<RenderRequest, 'tools' | 'sandbox'> & Partial<RenderRequest>,
  source: SourceOptions = {},
): Promise<RenderResult> {
  const root = await writeTree(files);
  try {
    return await renderSource({
      files: filesOnDisk(root),
      source: { path: 'app', ...source, repoURL: 'https://git.example.com/hostile.git' },
      application: { instanceName: 'demo', name: 'demo', namespace: 'n', project: 'p', revision: 'c0ffee' },
      ...surroundings,
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
