import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { readManifests } from '../../core/object/manifest/read-manifests.ts';

const folder = fileURLToPath(new URL('../../deploy/crds', import.meta.url));

/** The definitions of our kinds as their files have them, by file name. */
export async function definitionTexts(): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

/** The definitions of our kinds. */
export async function ownDefinitions(): Promise<readonly Manifest[]> {
  const texts = await definitionTexts();
  return [...texts].flatMap(([name, text]) => {
    const { manifests, issues } = readManifests(text, name);
    // Files of this program: a fault in one is a fault of the program.
    if (issues.length > 0)
      throw new Error(`deploy/crds/${name}: ${issues.map((issue) => issue.message).join('; ')}`);
    return manifests;
  });
}
