import type { KustomizeSource } from '../../core/application/source-spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { isFields } from '../../core/object/check-manifest.ts';
import { substitute } from './environment.ts';
import type { Kustomization } from './kustomization.ts';

type Fields = Record<string, unknown>;
type Image = { name: string; newName?: string; newTag?: string; digest?: string };

/** Whether a source changes the kustomization before it is built. */
export function hasKustomizeOptions(options: KustomizeSource): boolean {
  const { version: _, kubeVersion: __, apiVersions: ___, ...edits } = options;
  return Object.values(edits).some((value) => value !== undefined && value !== '' && value !== false);
}

/**
 * Applies the options of a source to a kustomization. They change the kustomization itself, as if it had been edited:
 * wrapping it in another one would add to a prefix instead of replacing it and miss images it renames.
 */
export function applyKustomizeOptions(
  content: Kustomization,
  options: KustomizeSource,
  variables: Readonly<Record<string, string>>,
): Kustomization {
  const edited: Fields = { ...content };
  if (options.namePrefix) edited['namePrefix'] = options.namePrefix;
  if (options.nameSuffix) edited['nameSuffix'] = options.nameSuffix;
  if (options.images?.length) {
    const images = options.images.map((image) => parseImage(substitute(image, variables)));
    edited['images'] = mergeImages(listOf(content, 'images'), images);
  }
  if (options.replicas?.length) {
    const replicas = options.replicas.map(({ name, count }) => ({
      name,
      count: readCount(name, count, variables),
    }));
    edited['replicas'] = mergeByName(listOf(content, 'replicas'), replicas);
  }
  if (options.commonLabels) addLabels(edited, options, substituteAll(options.commonLabels, variables));
  if (options.commonAnnotations) {
    const given = options.commonAnnotations;
    const annotations = options.commonAnnotationsEnvsubst === true ? substituteAll(given, variables) : given;
    const force = options.forceCommonAnnotations === true;
    edited['commonAnnotations'] = mergeTexts(edited['commonAnnotations'], annotations, {
      force,
      field: 'commonAnnotations',
      option: 'forceCommonAnnotations',
    });
  }
  if (options.namespace) edited['namespace'] = options.namespace;
  if (options.patches?.length) edited['patches'] = [...listOf(content, 'patches'), ...options.patches];
  if (options.components?.length) {
    edited['components'] = [...listOf(content, 'components'), ...options.components];
  }
  return edited;
}

/** Reads `name=new:tag`, `name=new@digest`, `name=new`, `name:tag` or `name@digest`. */
export function parseImage(text: string): Image {
  const parts = text.split('=');
  if (parts.length === 2) {
    const [name = '', replacement = ''] = parts;
    const { name: newName, ...version } = parseImageVersion(replacement);
    return { name, newName, ...version };
  }
  const image = parseImageVersion(text);
  if (parts.length === 1 && (image.newTag !== undefined || image.digest !== undefined)) return image;
  throw new KeelsonError(
    'invalid-argument',
    `kustomize image '${text}' is not valid; write name=new:tag, name:tag or name@digest`,
  );
}

function parseImageVersion(text: string): Image {
  const at = text.indexOf('@');
  if (at !== -1) return { name: text.slice(0, at), digest: text.slice(at + 1) };
  const tagged = /^(.*):([a-zA-Z0-9._-]*|\*)$/.exec(text);
  if (tagged !== null) return { name: tagged[1] ?? '', newTag: tagged[2] ?? '' };
  return { name: text };
}

/** A given image replaces the entry of the same name; `*` keeps what that entry had. */
function mergeImages(existing: readonly unknown[], given: readonly Image[]): unknown[] {
  const images = new Map<string, Fields>();
  for (const entry of existing) if (isFields(entry)) images.set(String(entry['name']), { ...entry });
  for (const image of given) {
    const before = images.get(image.name);
    const after: Fields = { ...image };
    for (const field of ['newName', 'newTag', 'digest']) {
      if (after[field] !== '*') continue;
      delete after[field];
      if (before?.[field] !== undefined) after[field] = before[field];
    }
    images.set(image.name, after);
  }
  return [...images.values()].sort((left, right) => (String(left['name']) < String(right['name']) ? -1 : 1));
}

function mergeByName(existing: readonly unknown[], given: readonly { name: string }[]): unknown[] {
  const names = new Set(given.map(({ name }) => name));
  const kept = existing.filter((entry) => !(isFields(entry) && names.has(String(entry['name']))));
  return [...kept, ...given];
}

function readCount(
  name: string,
  count: number | string,
  variables: Readonly<Record<string, string>>,
): number {
  const read = typeof count === 'number' ? count : Number(substitute(count, variables));
  if (Number.isInteger(read) && read >= 0) return read;
  throw new KeelsonError(
    'invalid-argument',
    `kustomize replicas of ${name}: '${count}' is not a count; write a whole number`,
  );
}

function addLabels(edited: Fields, options: KustomizeSource, labels: Readonly<Record<string, string>>): void {
  const merge = { force: options.forceCommonLabels === true, option: 'forceCommonLabels' };
  if (options.labelWithoutSelector !== true) {
    edited['commonLabels'] = mergeTexts(edited['commonLabels'], labels, { ...merge, field: 'commonLabels' });
    return;
  }
  const includeTemplates = options.labelIncludeTemplates === true;
  const entries = listOf(edited, 'labels');
  const index = entries.findIndex((entry) => isPlainLabels(entry, includeTemplates));
  const found = entries[index];
  const pairs = mergeTexts(isFields(found) ? found['pairs'] : undefined, labels, {
    ...merge,
    field: 'labels',
  });
  const changed = { ...(isFields(found) ? found : {}), pairs, includeSelectors: false, includeTemplates };
  edited['labels'] = index === -1 ? [...entries, changed] : entries.with(index, changed);
}

function isPlainLabels(entry: unknown, includeTemplates: boolean): boolean {
  if (!isFields(entry)) return false;
  return entry['includeSelectors'] !== true && (entry['includeTemplates'] === true) === includeTemplates;
}

function mergeTexts(
  existing: unknown,
  given: Readonly<Record<string, string>>,
  merge: { force: boolean; field: string; option: string },
): Fields {
  const merged: Fields = isFields(existing) ? { ...existing } : {};
  for (const [key, value] of Object.entries(given)) {
    if (!merge.force && Object.hasOwn(merged, key)) {
      throw new KeelsonError(
        'invalid-argument',
        `kustomize ${merge.field}: ${key} is already in the kustomization; remove it there or set ${merge.option}`,
      );
    }
    merged[key] = value;
  }
  return merged;
}

function substituteAll(
  texts: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, substitute(value, variables)]));
}

function listOf(content: Kustomization, field: string): readonly unknown[] {
  const value = content[field];
  return Array.isArray(value) ? value : [];
}
