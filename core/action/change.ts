import { isFields } from '../object/manifest/check-manifest.ts';
import type { Manifest } from '../object/manifest/manifest.ts';
import { ownField } from '../own-field.ts';
import type { Impact } from './action.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A copy of the object with a value at a path; undefined removes the field. Missing objects on the way are made. */
export function withField(live: Manifest, path: readonly string[], value: unknown): Manifest {
  // The fields that make it a manifest stay, as no path of an action names them.
  return set(live, path, value) as Manifest;
}

/** The change of one field of the object. */
export function patchField(live: Manifest, path: readonly string[], value: unknown): Impact[] {
  return [{ operation: 'patch', manifest: withField(live, path, value) }];
}

function set(fields: Fields, [name, ...rest]: readonly string[], value: unknown): Fields {
  if (name === undefined) return fields;
  if (rest.length > 0) {
    const child = ownField(fields, name);
    return { ...fields, [name]: set(isFields(child) ? child : {}, rest, value) };
  }
  if (value !== undefined) return { ...fields, [name]: value };
  const { [name]: _, ...others } = fields;
  return others;
}
