import { isFields } from '../../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../../object/manifest/manifest.ts';
import { decodeBase64, encodeBase64 } from '../../../object/manifest/secret.ts';
import { ownField, setField } from '../../../own-field.ts';
import { secretTypeLabel } from '../settings-object.ts';

/** Names and texts of a Secret or ConfigMap. */
export type Values = Readonly<Record<string, string>>;

/** What tells the Secrets that were made by the API from those that somebody applies. */
export const managedBy = { name: 'managed-by', value: 'argocd.argoproj.io' } as const;

/** A Secret that is made for what somebody registers, with its values in the clear. */
export function newSecret(
  { namespace, name, type }: { readonly namespace: string; readonly name: string; readonly type: string },
  stringData: Values,
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      ...{ namespace, name },
      labels: { [secretTypeLabel]: type },
      annotations: { [managedBy.name]: managedBy.value },
    },
    type: 'Opaque',
    stringData,
  };
}

/** The texts of a Secret; what is no text is left out. */
export function valuesOfSecret({ data }: Manifest): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [key, encoded] of Object.entries(isFields(data) ? data : {})) {
    const text = decodeBase64(String(encoded ?? ''));
    if (text !== undefined) setField(values, key, text);
  }
  return values;
}

/**
 * A live Secret with these values: those that are the same keep their bytes, and so does what is no text. A value of
 * undefined goes.
 */
export function withValues(live: Manifest, values: Readonly<Record<string, string | undefined>>): Manifest {
  const { stringData: _, ...rest } = live;
  const data: Record<string, unknown> = { ...(isFields(live['data']) ? live['data'] : {}) };
  const before = valuesOfSecret(live);
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) delete data[key];
    else if (ownField(before, key) !== value) setField(data, key, encodeBase64(value));
  }
  return { ...rest, data };
}
