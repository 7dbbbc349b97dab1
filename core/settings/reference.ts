import { ownField } from '../own-field.ts';

/** Values of Secrets by what words call them: `key` in `argocd-secret`, `secret:key` in another one. */
export type SecretValues = Readonly<Record<string, string>>;

/** What `$key` and `$secret:key` mean in one key of the words. */
export type Referred = { readonly text: string; readonly missing?: string };

/**
 * A text as its reader gets it: where the whole of it is a reference, the value, without white space around it, which
 * files bring along. A reference that nothing answers stays as it is and is named.
 */
export function resolveReference(text: string, values: SecretValues): Referred {
  if (!text.startsWith('$') || text.length === 1) return { text };
  const name = text.slice(1);
  const value = ownField(values, name);
  return value === undefined ? { text, missing: name } : { text: value.trim() };
}
