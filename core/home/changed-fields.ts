import { sameJson } from '../object/json/canonical.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import { ownField, setField } from '../own-field.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A null within Helm's values means something, so that they are one value. */
const wholeValues: ReadonlySet<string> = new Set(['valuesObject']);

/**
 * What is there, with what somebody changes of it as they saw it: a field that they leave as they saw it stays as it is by
 * now, so that two who change different fields at once both keep theirs. A list is one value.
 */
export function changedFields<T extends Fields>(live: T, seen: Fields, wanted: Fields): T {
  const changed: Record<string, unknown> = { ...live };
  for (const name of new Set([...Object.keys(seen), ...Object.keys(wanted)])) {
    const [before, after] = [ownField(seen, name), ownField(wanted, name)];
    if (sameJson(before ?? null, after ?? null)) continue;
    if (after === undefined) delete changed[name];
    else setField(changed, name, changedValue(name, ownField(live, name), before, after));
  }
  return changed as T;
}

function changedValue(name: string, live: unknown, seen: unknown, wanted: unknown): unknown {
  const isWhole = wholeValues.has(name) || !isFields(live) || !isFields(seen) || !isFields(wanted);
  return isWhole ? wanted : changedFields(live, seen, wanted);
}
