/**
 * What an object has under a name of somebody else's choosing. Without asking whose it is, `constructor` and ten other
 * names would find JavaScript's own things in every object, tables included.
 */
export function ownField<Value>(
  entries: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return entries !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined;
}

/** The one name that an assignment doesn't give to an object, but takes for its prototype. */
export const prototypeName = '__proto__';

/** Gives an object a field of any name; an assignment to `__proto__` would give it none. */
export function setField<Value>(entries: Record<string, Value>, name: string, value: Value): void {
  if (name !== prototypeName) entries[name] = value;
  else Object.defineProperty(entries, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Gives an object all fields of another one. */
export function setFields<Value>(
  entries: Record<string, Value>,
  others: Readonly<Record<string, Value>>,
): void {
  for (const [name, value] of Object.entries(others)) setField(entries, name, value);
}
