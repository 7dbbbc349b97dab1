import { stringify } from 'yaml';
import { formatJson, parseJson } from '../../../core/object/json/json.ts';
import { overlay } from './overlay.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Fields that the cluster writes and nobody compares. */
const clusterMetadata = new Set([
  'managedFields',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'selfLink',
]);

/** A state of the API (JSON text, `null` or empty when there is none) as YAML for reading. */
export function manifestText(state: string | undefined, options: { readonly full: boolean }): string {
  const manifest = parseState(state);
  if (manifest === undefined) return '';
  return stringify(options.full ? withoutManagedFields(manifest) : comparable(manifest), {
    sortMapEntries: !options.full,
    lineWidth: 0,
  });
}

/**
 * The state after a sync as YAML: the API server's prediction where it gave one, known by the identity that it
 * carries over from the live object; else the desired state laid over the live one.
 */
export function predictedText(live: string | undefined, predicted: string | undefined): string {
  const manifest = parseState(predicted);
  const before = parseState(live);
  if (manifest === undefined || before === undefined || hasUid(manifest)) {
    return manifestText(predicted, { full: false });
  }
  return manifestText(formatJson(overlay(before, manifest)), { full: false });
}

function hasUid(manifest: Fields): boolean {
  return isFields(manifest['metadata']) && 'uid' in manifest['metadata'];
}

/** The object as far as it can differ: no status, nothing that the cluster fills in by itself. */
function comparable(manifest: Fields): Fields {
  const { status: _, metadata, ...rest } = manifest;
  return { ...rest, ...(isFields(metadata) ? { metadata: withoutKeys(metadata, clusterMetadata) } : {}) };
}

function withoutManagedFields(manifest: Fields): Fields {
  const { metadata } = manifest;
  if (!isFields(metadata)) return manifest;
  return { ...manifest, metadata: withoutKeys(metadata, new Set(['managedFields'])) };
}

function withoutKeys(fields: Fields, names: ReadonlySet<string>): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
}

function parseState(state: string | undefined): Fields | undefined {
  if (state === undefined || state === '') return undefined;
  const value: unknown = parseJson(state);
  return isFields(value) ? value : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
