import { isFields } from '../../object/manifest/check-manifest.ts';
import type { Manifest } from '../../object/manifest/manifest.ts';
import { decodeBase64 } from '../../object/manifest/secret.ts';
import { ownField, setField } from '../../own-field.ts';
import { type SettingMapName, settingMapNames } from '../../settings/words/problem.ts';

/** What an object of the home cluster sets, by which it is read. */
export type SettingsRole =
  | 'words'
  | 'known-hosts'
  | 'certificates'
  | 'gpg-keys'
  | 'accounts'
  | 'repository'
  | 'template'
  | 'cluster'
  /** Credentials for writing to repositories, which nothing here does yet, and Secrets that others refer to. */
  | 'kept';

/** Where an object stands. */
export type SettingsRef = {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
};

/** An object of the home cluster that sets this installation, with its values in the clear. */
export type SettingsObject = SettingsRef & {
  readonly uid: string;
  readonly resourceVersion: string;
  /** When the API server made it. */
  readonly createdAt: string;
  readonly role: SettingsRole;
  /** Whether it has the label without which the reference reads no object, and others refer to no Secret. */
  readonly labelled: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
  /** Keys whose values are no text. */
  readonly unreadable: readonly string[];
};

/** Label of the objects that set an installation, and its value. */
const partOfLabel = 'app.kubernetes.io/part-of';
const partOfValue = 'argocd';
export const partOf = { [partOfLabel]: partOfValue } as const;
/** Label that tells what a Secret is about. */
export const secretTypeLabel = 'argocd.argoproj.io/secret-type';
/** The Secret with the passwords and keys of the installation. */
export const accountsSecret = 'argocd-secret';
/** The ConfigMaps with what servers of sources prove themselves with. */
export const trustMaps = {
  'known-hosts': 'argocd-ssh-known-hosts-cm',
  certificates: 'argocd-tls-certs-cm',
  'gpg-keys': 'argocd-gpg-keys-cm',
} as const;

const mapRoles: Readonly<Record<string, SettingsRole>> = {
  ...Object.fromEntries(settingMapNames.map((name) => [name, 'words'])),
  ...Object.fromEntries(Object.entries(trustMaps).map(([role, name]) => [name, role as SettingsRole])),
};

const secretRoles: Readonly<Record<string, SettingsRole>> = {
  repository: 'repository',
  'repo-creds': 'template',
  cluster: 'cluster',
  'repository-write': 'kept',
  'repo-write-creds': 'kept',
};

/** The ConfigMap of the words that an object is, if so. */
export function wordsName({ name }: Pick<SettingsRef, 'name'>): SettingMapName | undefined {
  return settingMapNames.find((one) => one === name);
}

function roleOf({ kind, metadata }: Manifest): SettingsRole | undefined {
  const name = metadata.name ?? '';
  if (kind === 'ConfigMap') return ownField(mapRoles, name);
  if (kind !== 'Secret') return undefined;
  if (name === accountsSecret) return 'accounts';
  const type = ownField(secretRoles, ownField(metadata.labels, secretTypeLabel) ?? '');
  return type ?? (isLabelled(metadata) ? 'kept' : undefined);
}

function isLabelled({ labels }: Manifest['metadata']): boolean {
  return ownField(labels, partOfLabel) === partOfValue;
}

/** Whether an object of the home cluster sets anything of an installation; its name and its labels alone say so. */
export function setsSomething(manifest: Manifest): boolean {
  return manifest.apiVersion === 'v1' && roleOf(manifest) !== undefined;
}

/** Reads an object of the home cluster; undefined where it sets nothing of an installation. */
export function readSettingsObject(manifest: Manifest): SettingsObject | undefined {
  const role = manifest.apiVersion === 'v1' ? roleOf(manifest) : undefined;
  if (role === undefined) return undefined;
  const {
    name = '',
    namespace = '',
    uid = '',
    resourceVersion = '0',
    creationTimestamp: createdAt = new Date(0).toISOString(),
    labels = {},
    annotations = {},
  } = manifest.metadata;
  const kind = manifest.kind === 'Secret' ? 'Secret' : 'ConfigMap';
  return {
    ...{ kind, namespace, name, uid, resourceVersion, createdAt, role, labels, annotations },
    labelled: isLabelled(manifest.metadata),
    ...valuesOf(manifest),
  };
}

function valuesOf(manifest: Manifest): Pick<SettingsObject, 'values' | 'unreadable'> {
  const fieldsOf = (block: 'binaryData' | 'data'): Readonly<Record<string, unknown>> => {
    const fields = manifest[block];
    return isFields(fields) ? fields : {};
  };
  const values: Record<string, string> = {};
  const unreadable = Object.keys(fieldsOf('binaryData'));
  for (const [name, value] of Object.entries(fieldsOf('data'))) {
    const text = manifest.kind === 'Secret' ? decodeBase64(String(value ?? '')) : value;
    if (typeof text === 'string') setField(values, name, text);
    else unreadable.push(name);
  }
  return { values, unreadable };
}

/** An object as messages name it. */
export function shownRef({ kind, name }: Pick<SettingsRef, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}
