import { isFields } from '../../object/manifest/check-manifest.ts';
import { decodeBase64 } from '../../object/manifest/secret.ts';
import { ownField } from '../../own-field.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A part of a Secret that may hold a value, and where it is. */
export type HiddenPart = { readonly path: readonly string[]; readonly value: unknown };

const scalars = (value: unknown): boolean => ['string', 'boolean', 'number', 'bigint'].includes(typeof value);
const scalarList = (value: unknown): boolean => Array.isArray(value) && value.every(scalars);
const ownerFields = new Set(['apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion']);
const owners = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every(
    (owner) =>
      isFields(owner) &&
      Object.entries(owner).every(([name, field]) => ownerFields.has(name) && scalars(field)),
  );

/** Fields of a Secret that hold none of its values when they have this shape; all others are hidden. */
const shownFields: Readonly<Record<string, (value: unknown) => boolean>> = {
  apiVersion: scalars,
  kind: scalars,
  type: scalars,
  immutable: scalars,
};

const shownMetadata: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: scalars,
  generateName: scalars,
  namespace: scalars,
  uid: scalars,
  resourceVersion: scalars,
  generation: scalars,
  selfLink: scalars,
  creationTimestamp: (value) => value === null || scalars(value),
  deletionTimestamp: scalars,
  deletionGracePeriodSeconds: scalars,
  ownerReferences: owners,
  finalizers: scalarList,
  managedFields: Array.isArray,
  // Looked at one by one.
  labels: isFields,
  annotations: isFields,
};

/** Takes a Secret without its data apart into what may be shown and the parts that may hold a value. */
export function divideSecret(
  secret: Fields,
  values: readonly string[],
): { shown: Fields; hidden: HiddenPart[] } {
  const { metadata, ...fields } = secret;
  const top = divide(fields, shownFields, []);
  if (metadata === undefined) return top;
  if (!isFields(metadata)) {
    return { shown: top.shown, hidden: [...top.hidden, { path: ['metadata'], value: metadata }] };
  }
  const inner = divide(metadata, shownMetadata, ['metadata']);
  const { labels, managedFields } = inner.shown;
  const labelled = isFields(labels) ? labels : {};
  const telling = Object.entries(labelled).filter(([, label]) => !isHarmless(label, values));
  const shown = {
    ...inner.shown,
    ...(Array.isArray(managedFields) ? { managedFields: managedFields.map(withoutFieldValues) } : {}),
  };
  const hiddenLabels = telling.map(([name, value]) => ({ path: ['metadata', 'labels', name], value }));
  return {
    shown: { ...top.shown, metadata: shown },
    hidden: [...top.hidden, ...inner.hidden, ...hiddenLabels],
  };
}

function divide(
  fields: Fields,
  allowed: Readonly<Record<string, (value: unknown) => boolean>>,
  place: readonly string[],
): { shown: Fields; hidden: HiddenPart[] } {
  const isShown = ([name, value]: [string, unknown]): boolean => ownField(allowed, name)?.(value) === true;
  const entries = Object.entries(fields);
  return {
    shown: Object.fromEntries(entries.filter(isShown)),
    hidden: entries
      .filter((entry) => !isShown(entry))
      .map(([name, value]) => ({ path: [...place, name], value })),
  };
}

const ownershipFields = new Set(['manager', 'operation', 'apiVersion', 'time', 'fieldsType', 'subresource']);

/** Who owns which field; elements of lists are named by their values there, so they are left out. */
function withoutFieldValues(entry: unknown): unknown {
  if (!isFields(entry)) return {};
  const kept = Object.entries(entry).filter(([name, value]) => ownershipFields.has(name) && scalars(value));
  const { fieldsV1 } = entry;
  return { ...Object.fromEntries(kept), ...(isFields(fieldsV1) ? { fieldsV1: fieldNames(fieldsV1) } : {}) };
}

function fieldNames(fields: Fields): Fields {
  const named = Object.entries(fields).filter(([name, value]) => /^(\.$|f:)/.test(name) && isFields(value));
  return Object.fromEntries(named.map(([name, value]) => [name, fieldNames(value as Fields)]));
}

const longestShown = 512;
/** Shorter values are in every second text by chance. */
const shortestValue = 4;
/** A digest is as long as this in base64; what is longer and no text may be packed. */
const longestOpaque = 88;

/**
 * Whether the text of an annotation or label can be shown beside values: one plain line that holds none of them, and
 * that is no copy of an object in JSON, YAML or base64.
 */
export function isHarmless(value: unknown, values: readonly string[]): boolean {
  if (!scalars(value)) return false;
  const text = String(value);
  if (text.length > longestShown || !isPlainLine(text)) return false;
  if (values.some((secret) => holds(text, secret))) return false;
  return text.split(/[^A-Za-z0-9+/=_-]+/).every((word) => isHarmlessWord(word, values));
}

function holds(text: string, secret: string): boolean {
  return secret.length < shortestValue ? text === secret && secret !== '' : text.includes(secret);
}

/** No line break, no JSON, no `key: value` of YAML. */
function isPlainLine(text: string): boolean {
  return !/[\p{Cc}]/u.test(text) && !/^\s*[[{"'>|&*!-]/.test(text) && !/^\s*[\w./-]+\s*:(\s|$)/.test(text);
}

/** A word that is the base64 of a text is judged by that text. */
function isHarmlessWord(word: string, values: readonly string[]): boolean {
  if (word.length < 8 || /^[0-9a-f]+$/.test(word)) return true;
  const decoded = decodeBase64(word.replaceAll('-', '+').replaceAll('_', '/'));
  // Bytes that are no text: a digest, or something packed, of which gzip is known by its first bytes.
  if (decoded === undefined) return word.length <= longestOpaque && !word.startsWith('H4sI');
  if (values.some((secret) => holds(decoded, secret))) return false;
  // Words such as `production` are base64 of something too; what isn't readable says nothing.
  return /[^\P{Cc}\n\t\r]/u.test(decoded) || isHarmless(decoded, values);
}
