import { isFields } from '../object/manifest/check-manifest.ts';
import type { FileKind } from '../yaml/file-kinds.ts';
import { readPartsUpToEnd, readUpToEnd } from '../yaml/read.ts';
import { UnreadableError } from '../yaml/unreadable.ts';

/** Every document of a configuration as JSON; undefined where one can't be read here, which the tool may well read. */
export function yamlDocuments(text: string): unknown[] | undefined {
  // The tool itself passes over what stands behind the end, so no input is named there.
  const documents = readPartsUpToEnd(text, 'configuration');
  const values = documents.flatMap((document) => ('problem' in document ? [] : [document.value]));
  return values.length < documents.length ? undefined : values;
}

/** The map that a text holds, empty for an empty text; undefined where it can't be read or is none. */
export function yamlFields(text: string, kind: FileKind): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = readUpToEnd(text, kind).value ?? {};
    return isFields(value) ? value : undefined;
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return undefined;
  }
}

/** All texts in a value, those of keys left out. */
export function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const one of value) yield* textsIn(one);
  else if (isFields(value)) for (const one of Object.values(value)) yield* textsIn(one);
}

/** The texts of a list; anything else has none. */
export function listedTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** The maps of a list; anything else has none. */
export function listedFields(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
