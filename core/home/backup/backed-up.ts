import { type Homes, isHome } from '../../application/home.ts';
import { textAt, valueAt } from '../../object/json/field.ts';
import type { ResourceKey } from '../../object/key.ts';
import { groupOf, type Manifest, type ObjectMetadata } from '../../object/manifest/manifest.ts';
import { ownField } from '../../own-field.ts';

/** Kinds of which a backup has objects, in the order in which they are brought back: what others rest on comes first. */
export const backupKinds = ['ConfigMap', 'Secret', 'AppProject', 'Application', 'ApplicationSet'] as const;
export type BackupKind = (typeof backupKinds)[number];

/** The apiVersion of each of them. */
export const backupVersions: Readonly<Record<BackupKind, string>> = {
  ConfigMap: 'v1',
  Secret: 'v1',
  AppProject: 'argoproj.io/v1alpha1',
  Application: 'argoproj.io/v1alpha1',
  ApplicationSet: 'argoproj.io/v1alpha1',
};

const configMaps: ReadonlySet<string> = new Set([
  'argocd-cm',
  'argocd-cmd-params-cm',
  'argocd-cmp-cm',
  'argocd-gpg-keys-cm',
  'argocd-notifications-cm',
  'argocd-rbac-cm',
  'argocd-ssh-known-hosts-cm',
  'argocd-tls-certs-cm',
]);

const secrets: ReadonlySet<string> = new Set(['argocd-notifications-secret', 'argocd-secret']);
const secretTypes: ReadonlySet<string> = new Set(['cluster', 'repo-creds', 'repository']);
const typeLabel = 'argocd.argoproj.io/secret-type';

/** The kind of an object of a backup; undefined for what no backup holds. */
export function backupKind({
  apiVersion,
  kind,
}: Pick<Manifest, 'apiVersion' | 'kind'>): BackupKind | undefined {
  const known = backupKinds.find((one) => one === kind);
  return known !== undefined && groupOf(backupVersions[known]) === groupOf(apiVersion) ? known : undefined;
}

/** Which objects of a control plane belong into a backup; `referenced` are the Secrets that its settings name. */
export function isBackedUp(object: Manifest, homes: Homes, referenced: ReadonlySet<string>): boolean {
  const { name = '', namespace = '', labels } = object.metadata;
  const own = namespace === homes.controlPlane;
  switch (backupKind(object)) {
    case undefined:
      return false;
    case 'ConfigMap':
      return own && configMaps.has(name);
    case 'Secret':
      return (
        own &&
        (secrets.has(name) || referenced.has(name) || secretTypes.has(ownField(labels, typeLabel) ?? ''))
      );
    case 'AppProject':
      return own;
    default:
      return isHome(namespace, homes);
  }
}

/** The Secrets that values of `argocd-cm` name as `$<secret>:<key>`. */
export function referencedSecrets(settings: Manifest | undefined): ReadonlySet<string> {
  const values = Object.values((valueAt(settings, 'data') ?? {}) as Record<string, unknown>);
  const names = values.flatMap((value) =>
    [...String(value).matchAll(/\$([a-z0-9][-a-z0-9.]*):/g)].map(([, name = '']) => name),
  );
  return new Set(names);
}

/**
 * An object as a backup holds it: what its owner wrote and nothing that a server adds. Its namespace is left out where it
 * is that of the control plane, so that a backup can be brought back into another one. `operation` is a request that has
 * been taken up or has to be made anew.
 */
export function backedUp(object: Manifest, controlPlane: string): Manifest {
  const { apiVersion, kind, metadata, operation: _, ...rest } = object;
  const { name, namespace, labels, annotations, finalizers } = metadata;
  const kept: ObjectMetadata = {
    ...(annotations === undefined ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
    ...(labels === undefined ? {} : { labels }),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined || namespace === controlPlane ? {} : { namespace }),
  };
  return { apiVersion, kind, metadata: kept, ...rest };
}

/** The namespaces of applications that a control plane's parameters permit. */
export function applicationNamespaces(parameters: Manifest | undefined): string[] {
  const words = textAt(parameters, 'data', 'application.namespaces');
  return words
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** How an object is called in lines about it. */
export function backupName({ group, kind, namespace, name }: ResourceKey): string {
  return `${group}/${kind} ${name} in namespace ${namespace}`;
}
