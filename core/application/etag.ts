/** What tells one state of what an owner decides about an application from another. */
export type Versioned = { readonly id: string; readonly specGeneration: number };

/** The entity tag of an application: its generation, and a part of its id, as generations begin anew with another one. */
export function etagOf({ id, specGeneration }: Versioned): string {
  return `"${specGeneration}-${id.slice(0, 8)}"`;
}

/** Whether an `If-Match` header names the application as it is; without one, and for `*`, it does. */
export function meetsEtag(header: string | undefined, application: Versioned): boolean {
  if (header === undefined || header.trim() === '') return true;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etagOf(application));
}
