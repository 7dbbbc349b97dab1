import type { Application } from '../../core/application/spec/spec.ts';

/** An application with what its name is made of; the status says which namespace is Keelson's own. */
export type NamedApplication = Pick<Application, 'metadata' | 'status'>;

/** An application's name among all: `name`, or `namespace/name` outside the control-plane namespace. */
export function qualifiedName({ metadata, status }: NamedApplication): string {
  const { name, namespace } = metadata;
  const isHome = namespace === undefined || namespace === (status?.controllerNamespace ?? namespace);
  return isHome ? name : `${namespace}/${name}`;
}

/** What tells an application from all others, also one that is gone and of which no status is known. */
export function identityOf({ metadata: { name, namespace } }: NamedApplication): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Whether an application is the one that an address names, with its namespace or without. */
export function isNamed({ metadata }: NamedApplication, name: string): boolean {
  return name === metadata.name || name === identityOf({ metadata });
}
