import { ownField } from '../../own-field.ts';
import type { Manifest } from './manifest.ts';

/** The manifests in one parsed document and what is wrong with it; an empty document has neither. */
export function checkManifest(value: unknown): { manifests: Manifest[]; problems: string[] } {
  if (value === null || value === undefined) return { manifests: [], problems: [] };
  if (!isFields(value)) {
    return {
      manifests: [],
      problems: ['is not a Kubernetes object; write fields such as apiVersion and kind'],
    };
  }
  if (isList(value)) return flattenList(value);
  if (value['items'] === null && value['spec'] === undefined && value['status'] === undefined) {
    return { manifests: [], problems: [] };
  }
  const manifest = cleanMetadata(value);
  const problems = problemsOf(manifest);
  return isManifest(manifest) && problems.length === 0
    ? { manifests: [manifest], problems }
    : { manifests: [], problems };
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value has what makes it an object for Kubernetes: apiVersion, kind and metadata. */
export function isManifest(value: unknown): value is Manifest {
  return (
    isFields(value) &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isFields(value['metadata'])
  );
}

function isList(value: Fields): boolean {
  const kind = value['kind'];
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(value['items']);
}

function flattenList(list: Fields): { manifests: Manifest[]; problems: string[] } {
  const manifests: Manifest[] = [];
  const problems: string[] = [];
  const children = Array.isArray(list['items']) ? list['items'] : [];
  for (const [index, child] of children.entries()) {
    const found = checkManifest(typedBy(list, child));
    manifests.push(...found.manifests);
    problems.push(...found.problems.map((problem) => `entry ${index + 1} of the list: ${problem}`));
  }
  return { manifests, problems };
}

/** An entry that says neither apiVersion nor kind is of the list's, as kubectl has it: `PodList` is of `Pod`s. */
function typedBy(list: Fields, entry: unknown): unknown {
  const kind = String(list['kind']).slice(0, -'List'.length);
  if (!isFields(entry) || entry['apiVersion'] || entry['kind'] || kind === '') return entry;
  return { ...entry, apiVersion: list['apiVersion'], kind };
}

/** Templates often leave `labels:` or `creationTimestamp: null` behind; Kubernetes reads null as absent. */
function cleanMetadata(value: Fields): Fields {
  const metadata = value['metadata'];
  if (!isFields(metadata)) return value;
  const kept = Object.entries(metadata).filter(([, child]) => child !== null);
  return { ...value, metadata: Object.fromEntries(kept) };
}

function problemsOf(value: Fields): string[] {
  const problems: string[] = [];
  for (const field of ['apiVersion', 'kind']) {
    const text = ownField(value, field);
    if (text === undefined || text === null || text === '') problems.push(`has no ${field}; add it`);
    else if (typeof text !== 'string') problems.push(`${field} must be a text; put it in quotes`);
    else if (isUnnameable(text)) problems.push(`${field} has a character that no name can have; take it out`);
  }
  const metadata = value['metadata'];
  if (!isFields(metadata)) return [...problems, `${title(value)}has no metadata; add metadata with a name`];
  problems.push(...metadataProblems(metadata).map((problem) => title(value) + problem));
  return problems;
}

/** Control characters, which a database or a terminal stumbles over before an API server refuses them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const unnameable = /[\u0000-\u001f\u007f]/;

function isUnnameable(text: string): boolean {
  return unnameable.test(text) || !text.isWellFormed();
}

/** A missing name is no problem here: a hook gets one, and any other object is refused when it is written. */
function metadataProblems(metadata: Fields): string[] {
  const problems: string[] = [];
  for (const field of ['name', 'generateName', 'namespace']) {
    const text = ownField(metadata, field);
    if (text === undefined) continue;
    if (typeof text !== 'string') problems.push(`metadata.${field} must be a text; put it in quotes`);
    else if (isUnnameable(text)) {
      problems.push(`metadata.${field} has a character that no name can have; take it out`);
    }
  }
  for (const field of ['labels', 'annotations']) {
    problems.push(...textMapProblems(`metadata.${field}`, ownField(metadata, field)));
  }
  return problems;
}

function textMapProblems(path: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (!isFields(value)) return [`${path} must be a map of texts; check its indentation`];
  return Object.entries(value)
    .filter(([, child]) => typeof child !== 'string')
    .map(([key]) => `${path}["${key}"] must be a text; put it in quotes`);
}

/** Names the object as far as it is known: `Deployment web `. */
function title(value: Fields): string {
  const metadata = value['metadata'];
  const name = isFields(metadata) ? (metadata['name'] ?? metadata['generateName']) : undefined;
  const words = [value['kind'], name].filter((word) => typeof word === 'string' && word !== '');
  return words.length === 0 ? '' : `${words.join(' ')} `;
}
