import { ownField } from '../own-field.ts';
import type { ObjectMetadata } from './manifest/manifest.ts';

/** What of an object tells how it is synced; both manifests and live objects have it. */
export type Annotated = { readonly metadata: Pick<ObjectMetadata, 'annotations'> };

/** The words of a comma-separated annotation, without blanks and repeats. */
export function annotationList(object: Annotated, annotation: string): string[] {
  const words = (ownField(object.metadata.annotations, annotation) ?? '')
    .split(',')
    .map((word) => word.trim());
  return [...new Set(words)].filter((word) => word !== '');
}

/** The value of a `name=value` word in an annotation; the first one counts. */
export function annotationOption(object: Annotated, annotation: string, name: string): string | undefined {
  return optionValue(annotationList(object, annotation), name);
}

/** The value of a `name=value` word in a list of options; the first one counts. */
export function optionValue(options: readonly string[], name: string): string | undefined {
  const prefix = `${name}=`;
  return options.find((option) => option.startsWith(prefix))?.slice(prefix.length);
}

/** A whole number in an annotation; undefined when it is absent or something else. */
export function annotationNumber(object: Annotated, annotation: string): number | undefined {
  const text = ownField(object.metadata.annotations, annotation);
  return text !== undefined && /^[-+]?\d+$/.test(text) ? Number(text) : undefined;
}
