import { type FieldSet, type OwnerEntry, ownersOf } from '../diff/fields/field-set.ts';
import { lastAppliedAnnotation } from '../object/annotations.ts';
import { canonicalJson } from '../object/json/canonical.ts';
import { parseJson } from '../object/json/json.ts';
import { lastApplied } from '../object/last-applied.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import type { Manifest } from '../object/manifest/manifest.ts';
import { ownField, setField } from '../own-field.ts';

/** What was written to a live object before, and what others own by now (an autoscaler its replicas). */
export type FormerState = {
  /** Undefined when nothing tells. */
  readonly before: unknown;
  readonly others: readonly FieldSet[];
};

/**
 * What was written to a live object before: the object as it was applied last, where it says so itself, joined with the
 * live fields of the owners that count. What others own too is theirs to remove.
 */
export function formerFields(live: Manifest, counts: (owner: OwnerEntry) => boolean): FormerState {
  const owners = ownersOf(live);
  // Subresources (scale, status) are other people's current work whoever writes them.
  const isOurs = (owner: OwnerEntry): boolean => owner.subresource === '' && counts(owner);
  const owned = owners.filter(isOurs).map(({ fields }) => ownedPart(live, fields));
  const others = owners.filter((owner) => !isOurs(owner)).map(({ fields }) => fields);
  return { before: withoutIdentity([lastApplied(live), ...owned].reduce(unionOf, undefined)), others };
}

/** The text of the annotation, as kubectl writes it to the byte: the object without it, fields sorted, on one line. */
export function lastAppliedText(manifest: Manifest): string {
  const { [lastAppliedAnnotation]: _, ...annotations } = manifest.metadata.annotations ?? {};
  return `${canonicalJson({ ...manifest, metadata: { ...manifest.metadata, annotations } })}\n`;
}

/** The part of a value that a field set names; elements of lists come with what the set says of them. */
export function ownedPart(value: unknown, set: unknown): unknown {
  if (!isFields(set)) return undefined;
  const names = Object.keys(set).filter((name) => name !== '.');
  if (names.length === 0) return emptyOf(value, '.' in set);
  if (isFields(value)) {
    const part: Record<string, unknown> = {};
    for (const name of names) {
      const field = name.slice(2);
      if (name.startsWith('f:') && Object.hasOwn(value, field))
        setField(part, field, ownedPart(ownField(value, field), ownField(set, name)));
    }
    return part;
  }
  if (!Array.isArray(value)) return value;
  return names.flatMap((name) => ownedElements(value, name, ownField(set, name)));
}

/** A leaf is owned in full; of a container that is only known to exist, nothing inside is. */
function emptyOf(value: unknown, container: boolean): unknown {
  if (!container) return value;
  if (Array.isArray(value)) return [];
  return isFields(value) ? {} : value;
}

function ownedElements(list: readonly unknown[], name: string, set: unknown): unknown[] {
  const selector: unknown = name.startsWith('k:') || name.startsWith('v:') ? parseJson(name.slice(2)) : null;
  if (!isFields(selector)) return list.filter((element) => name.startsWith('v:') && element === selector);
  return list
    .filter(
      (element) =>
        isFields(element) &&
        Object.entries(selector).every(([key, value]) => ownField(element, key) === value),
    )
    .map((element) => unionOf(ownedPart(element, set), selector));
}

/** Both values in one: objects field by field, lists one behind the other; of other values the latter. */
export function unionOf(a: unknown, b: unknown): unknown {
  if (b === undefined) return a;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  if (!isFields(a) || !isFields(b)) return b;
  const union: Record<string, unknown> = { ...a };
  for (const [field, value] of Object.entries(b)) setField(union, field, unionOf(ownField(a, field), value));
  return union;
}

/** What names an object is not up for removal, and the annotation is written anew or not at all. */
function withoutIdentity(former: unknown): unknown {
  if (!isFields(former)) return undefined;
  const { apiVersion: _version, kind: _kind, status: _status, ...content } = former;
  if (!isFields(content['metadata'])) return content;
  const { name: _name, namespace: _namespace, ...metadata } = content['metadata'];
  return { ...content, metadata };
}
