import type { ResourceKey } from '../object/key.ts';

/** The version in which Application objects are read and written. */
export const applicationVersion = 'argoproj.io/v1alpha1';

/** The key of an application's object. */
export function applicationKey(of: { readonly namespace: string; readonly name: string }): ResourceKey {
  return { group: 'argoproj.io', kind: 'Application', namespace: of.namespace, name: of.name };
}
