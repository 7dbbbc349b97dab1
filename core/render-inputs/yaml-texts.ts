import { parseAllDocuments } from 'yaml';
import { isFields } from '../object/check-manifest.ts';
import { valueOfYaml } from '../object/yaml-value.ts';

/** Every document of a YAML text as JSON; undefined where one can't be read here, which the tool may well read. */
export function yamlDocuments(text: string): unknown[] | undefined {
  const values: unknown[] = [];
  try {
    for (const document of parseAllDocuments(text, { schema: 'failsafe', prettyErrors: false })) {
      if (!('errors' in document)) continue;
      if (document.errors.length > 0) return undefined;
      values.push(valueOfYaml(document));
    }
  } catch {
    // Aliases without end and the like.
    return undefined;
  }
  return values;
}

/** The first document of a YAML text as a map, empty for an empty text; undefined where it can't be read or is none. */
export function yamlFields(text: string): Readonly<Record<string, unknown>> | undefined {
  const documents = yamlDocuments(text);
  if (documents === undefined) return undefined;
  const first = documents[0] ?? {};
  return isFields(first) ? first : undefined;
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
