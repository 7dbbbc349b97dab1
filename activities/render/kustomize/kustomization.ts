import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isFields } from '../../../core/object/manifest/check-manifest.ts';
import { yamlFields } from '../../../core/render/yaml-texts.ts';
import { foreignText } from '../../../platform/foreign-text.ts';
import { locate } from '../files/confine.ts';

/** A kustomization's fields as JSON. */
export type Kustomization = Readonly<Record<string, unknown>>;

export type KustomizationFile = {
  readonly path: string;
  /** Undefined where the file can't be read here; Kustomize itself may read it, so nothing may be taken for granted. */
  readonly content: Kustomization | undefined;
};

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

/** Whether Kustomize looks for a kustomization under this name. */
export function isKustomizationName(name: string): boolean {
  return fileNames.has(name);
}

/** The kustomization of a folder; undefined when there is none. */
export async function readKustomization(
  root: string,
  folder: string,
): Promise<KustomizationFile | undefined> {
  const name = (await readdir(folder)).find((one) => fileNames.has(one));
  if (name === undefined) return undefined;
  const path = join(folder, name);
  // The worker reads this one itself, outside the sandbox: a link must not lead it to a file of the machine.
  if ((await locate(root, folder, name)).kind !== 'found') return { path, content: undefined };
  // Kustomize reads the same file next and says what is wrong with it, with the line.
  return { path, content: yamlFields(foreignText(await readFile(path)), 'kustomization') };
}

/** What a kustomization builds on. */
export type Survey = {
  /** A folder outside the repository that it refers to. */
  readonly outside?: { readonly file: string; readonly reference: string };
  /** Whether something of it is fetched from an address. */
  readonly remote: boolean;
};

/**
 * Looks at all kustomizations that one builds on. Kustomize takes folders from anywhere on the disk; in the sandbox
 * there is nothing to take, and saying so here names the file and the reference. `edited` stands for the first one.
 */
export async function surveyKustomization(
  root: string,
  folder: string,
  edited?: KustomizationFile,
): Promise<Survey> {
  const pending = [folder];
  const seen = new Set<string>();
  let remote = false;
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    if (seen.has(current)) continue;
    seen.add(current);
    const found =
      current === folder && edited !== undefined ? edited : await readKustomization(root, current);
    if (found === undefined) continue;
    if (found.content === undefined) {
      // What it refers to is unknown, and may be an address; folders outside aren't there for Kustomize either.
      remote = true;
      continue;
    }
    const references = await followReferences(root, current, found.content);
    remote ||= references.remote || namesAddress(found.content);
    if (references.outside !== undefined) {
      return { outside: { file: relative(root, found.path), reference: references.outside }, remote };
    }
    pending.push(...references.folders);
  }
  return { remote };
}

type References = { readonly folders: string[]; readonly remote: boolean; readonly outside?: string };

async function followReferences(root: string, folder: string, content: Kustomization): Promise<References> {
  const folders: string[] = [];
  let remote = false;
  for (const reference of folderReferences(content)) {
    const place = await locate(root, folder, reference);
    if (place.kind === 'outside') return { folders, remote, outside: reference };
    if (place.kind === 'missing') remote ||= isRemote(reference);
    if (place.kind === 'found' && (await isFolder(place.path))) folders.push(place.path);
  }
  return { folders, remote };
}

const host = /^(?:[\w-]+@)?[\w-]+(?:\.[\w-]+)+[/:]/;

/** Whether a reference that is not on disk can be an address: `github.com/owner/name` needs no scheme. */
export function isRemote(reference: string): boolean {
  return reference.includes('://') || host.test(reference);
}

/** Fields whose texts are values of objects, never places to fetch from. */
const valueFields: ReadonlySet<string> = new Set(['commonAnnotations', 'commonLabels', 'labels', 'images']);

/** Every field that takes a file also takes its address, and charts have one of their repository. */
function namesAddress(value: unknown): boolean {
  if (typeof value === 'string') return /^[a-z][a-z0-9+.-]*(?:::[a-z]+)?:\/\/\S+$/i.test(value);
  if (Array.isArray(value)) return value.some(namesAddress);
  if (!isFields(value)) return false;
  return Object.entries(value).some(([field, inner]) => !valueFields.has(field) && namesAddress(inner));
}

/** What a kustomization refers to on disk; addresses and inline objects are not places on the disk. */
export function folderReferences(content: Kustomization): string[] {
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
