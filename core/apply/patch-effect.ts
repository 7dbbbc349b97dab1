import { sameJson } from '../object/json/canonical.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import { ownField } from '../own-field.ts';

/**
 * Whether a merge patch of either kind changed an object, by the fields it names alone: controllers write others to the
 * object between the look and the patch (a Deployment's revision annotation, a status), so neither the resource version
 * nor the object as a whole tells. Lists, and maps that a `$` directive speaks of, are compared as wholes.
 */
export function hasChanged(patch: unknown, before: unknown, after: unknown): boolean {
  if (!isFields(patch) || !isFields(before) || !isFields(after)) return !sameJson(before, after);
  return Object.entries(patch).some(([name, part]) => {
    if (!name.startsWith('$')) return hasChanged(part, ownField(before, name), ownField(after, name));
    const field = name.split('/')[1];
    return field === undefined
      ? !sameJson(before, after)
      : !sameJson(ownField(before, field), ownField(after, field));
  });
}
