import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { isFields } from '../../core/object/check-manifest.ts';
import { valueOfYaml } from '../../core/object/yaml-value.ts';
import { locate } from './confine.ts';

/** A kustomization's fields as JSON. */
export type Kustomization = Readonly<Record<string, unknown>>;

export type KustomizationFile = { readonly path: string; readonly content: Kustomization };

const fileNames: ReadonlySet<string> = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

/** Fields whose entries may be folders with kustomizations of their own. */
const folderFields = [
  'resources',
  'bases',
  'components',
  'generators',
  'transformers',
  'validators',
] as const;

/** The kustomization of a folder; undefined when there is none or when it is not a readable map. */
export async function readKustomization(folder: string): Promise<KustomizationFile | undefined> {
  const name = (await readdir(folder)).find((one) => fileNames.has(one));
  if (name === undefined) return undefined;
  const path = join(folder, name);
  try {
    const documents = parseAllDocuments(await readFile(path, 'utf8'), {
      schema: 'failsafe',
      prettyErrors: false,
    });
    const [document] = Array.isArray(documents) ? documents : [];
    const content = document === undefined || document.errors.length > 0 ? {} : valueOfYaml(document);
    return { path, content: isFields(content) ? content : {} };
  } catch {
    // Kustomize reads the same file next and says what is wrong with it, with the line.
    return { path, content: {} };
  }
}

/** A folder outside the repository that a kustomization refers to. */
export type Outside = { readonly file: string; readonly reference: string };

/**
 * Looks for folders outside the root among all that a kustomization builds on. Kustomize confines the files it reads
 * to the folder of their kustomization, but takes folders from anywhere on the disk.
 */
export async function findOutside(root: string, folder: string): Promise<Outside | undefined> {
  const pending = [folder];
  const seen = new Set<string>();
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    if (seen.has(current)) continue;
    seen.add(current);
    const found = await readKustomization(current);
    if (found === undefined) continue;
    for (const reference of folderReferences(found.content)) {
      const place = await locate(root, current, reference);
      if (place.kind === 'outside') return { file: relative(root, found.path), reference };
      if (place.kind === 'found' && (await isFolder(place.path))) pending.push(place.path);
    }
  }
  return undefined;
}

/** What a kustomization refers to on disk; addresses and inline objects are not places on the disk. */
function folderReferences(content: Kustomization): string[] {
  const references: string[] = [];
  for (const field of folderFields) {
    const entries = content[field];
    if (!Array.isArray(entries)) continue;
    for (const entry of entries) {
      if (typeof entry === 'string' && !entry.includes('\n') && !entry.includes('://'))
        references.push(entry);
    }
  }
  return references;
}

async function isFolder(path: string): Promise<boolean> {
  return await readdir(path).then(
    () => true,
    () => false,
  );
}
