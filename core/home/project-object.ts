import type { ResourceKey } from '../object/key.ts';

/** The version in which AppProject objects are read and written. */
export const projectVersion = 'argoproj.io/v1alpha1';

/** The key of a project's object, in the namespace in which Keelson is. */
export function projectKey(namespace: string, name: string): ResourceKey {
  return { group: 'argoproj.io', kind: 'AppProject', namespace, name };
}
