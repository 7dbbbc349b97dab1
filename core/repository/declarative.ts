import type { Issue } from '../issue.ts';
import { isFields } from '../object/manifest/check-manifest.ts';
import type { Manifest } from '../object/manifest/manifest.ts';
import { decodeBase64 } from '../object/manifest/secret.ts';
import { ownField, setField } from '../own-field.ts';
import { withoutTrailing } from '../text/trim.ts';
import type { RepositoryCredentials } from './access.ts';
import { type KnownHost, readKnownHosts } from './known-hosts.ts';
import {
  credentialFlags,
  credentialsFault,
  credentialTexts,
  pemBlocks,
  type RepositoryRecord,
  type TemplateRecord,
  type TlsCertificate,
} from './record.ts';
import type { RepositoryType } from './words.ts';

/** What labelled Secrets and the ConfigMaps beside them declare. */
export type DeclaredSources = {
  readonly repositories: readonly RepositoryRecord[];
  readonly templates: readonly TemplateRecord[];
  readonly knownHosts: readonly KnownHost[];
  readonly certificates: readonly TlsCertificate[];
  /** Armored keys. */
  readonly gpgKeys: readonly string[];
  readonly issues: readonly Issue[];
  /** Objects that declare none of this. */
  readonly passedOver: number;
};

const typeLabel = 'argocd.argoproj.io/secret-type';

type Declared = {
  -readonly [Field in keyof DeclaredSources]: DeclaredSources[Field] extends readonly (infer Entry)[]
    ? Entry[]
    : number;
};

/** Reads what manifests declare of repositories; nothing that an issue is about is among the rest. */
export function readDeclaredSources(manifests: readonly Manifest[]): DeclaredSources {
  const declared: Declared = {
    repositories: [],
    templates: [],
    knownHosts: [],
    certificates: [],
    gpgKeys: [],
    issues: [],
    passedOver: 0,
  };
  for (const manifest of manifests) {
    const read = ownField(readers, readerOf(manifest));
    if (read === undefined) declared.passedOver += 1;
    else read(manifest, declared);
  }
  return declared;
}

function readerOf(manifest: Manifest): string {
  if (manifest.apiVersion !== 'v1') return '';
  if (manifest.kind === 'ConfigMap') return `ConfigMap/${manifest.metadata.name ?? ''}`;
  const labels = manifest.metadata.labels;
  return manifest.kind === 'Secret' ? `Secret/${String(labels?.[typeLabel] ?? '')}` : '';
}

const readers: Readonly<Record<string, (manifest: Manifest, declared: Declared) => void>> = {
  'Secret/repository': readRepository,
  'Secret/repo-creds': readTemplate,
  'ConfigMap/argocd-ssh-known-hosts-cm': readHosts,
  'ConfigMap/argocd-tls-certs-cm': readCertificates,
  'ConfigMap/argocd-gpg-keys-cm': (manifest, declared) => {
    declared.gpgKeys.push(...Object.values(wordsOf(manifest, declared) ?? {}));
  },
};

function readRepository(manifest: Manifest, declared: Declared): void {
  take(manifest, declared, readRepositoryWords, (repository) => declared.repositories.push(repository));
}

function readTemplate(manifest: Manifest, declared: Declared): void {
  take(manifest, declared, readTemplateWords, (template) => declared.templates.push(template));
}

function take<Record>(
  manifest: Manifest,
  declared: Declared,
  read: (words: Words) => ReadRecord<Record>,
  keep: (record: Record) => void,
): void {
  const words = wordsOf(manifest, declared);
  if (words === undefined) return;
  const found = read(words);
  if (found.fault === undefined) keep(found.record);
  else declared.issues.push({ path: placeOf(manifest), message: found.fault });
}

type Words = Readonly<Record<string, string>>;

/** What a Secret declares, or why it can't be used, without any of its values. */
export type ReadRecord<Record> =
  | { readonly record: Record; readonly fault?: never }
  | { readonly record?: never; readonly fault: string };

/** The repository that the values of a Secret declare. */
export function readRepositoryWords(words: Words): ReadRecord<RepositoryRecord> {
  const read = readTemplateWords(words);
  if (read.fault !== undefined) return read;
  const [name, project] = [(words['name'] ?? '').trim(), (words['project'] ?? '').trim()];
  return { record: { ...read.record, name, project } };
}

/** The template that the values of a Secret declare. */
export function readTemplateWords(words: Words): ReadRecord<TemplateRecord> {
  const url = (words['url'] ?? '').trim();
  if (url === '') return { fault: 'url is missing; add the address of the repository' };
  const type = readType((words['type'] ?? '').trim());
  if (type === undefined) return { fault: 'type is none of git, helm and oci; correct it' };
  const read = readCredentials(withoutLineEnds(words));
  const fault = read.fault ?? credentialsFault(read.credentials);
  return fault === undefined ? { record: { url, type, credentials: read.credentials } } : { fault };
}

/**
 * Values as they are meant: a Secret that was made by `echo` or of a file ends each with a line end, which belongs to a
 * key in PEM and to nothing else.
 */
function withoutLineEnds(words: Words): Words {
  const trimmed = Object.entries(words).map(([name, text]): [string, string] => {
    return [name, text.includes('-----BEGIN') ? text : withoutTrailing(text, '\r\n')];
  });
  return Object.fromEntries(trimmed);
}

/** An absent type is Git's. */
export function readType(text: string): RepositoryType | undefined {
  const word = text.toLowerCase();
  return word === '' ? 'git' : (['git', 'helm', 'oci'] as const).find((type) => type === word);
}

function readCredentials(words: Readonly<Record<string, string>>): {
  readonly credentials: RepositoryCredentials;
  readonly fault?: string;
} {
  const texts = credentialTexts.flatMap((field) => (words[field] ? [[field, words[field]]] : []));
  const flags: [string, boolean][] = [];
  for (const field of [...credentialFlags, 'insecureIgnoreHostKey', 'useAzureWorkloadIdentity']) {
    const flag = readFlag(ownField(words, field) ?? '');
    if (flag === undefined)
      return { credentials: {}, fault: `${field} is neither true nor false; correct it` };
    if (flag) flags.push([field === 'insecureIgnoreHostKey' ? 'insecure' : field, true]);
  }
  const depth = words['depth'] ?? '';
  if (!/^\d{0,9}$/.test(depth)) return { credentials: {}, fault: 'depth is not a whole number; correct it' };
  const set = Object.fromEntries([...texts, ...flags]);
  if (set['useAzureWorkloadIdentity'] === true || words['azureServicePrincipalClientId']) {
    return {
      credentials: {},
      fault: 'Azure identities are not supported yet; use username and password or a token',
    };
  }
  return { credentials: { ...set, ...(Number(depth) > 0 ? { depth: Number(depth) } : {}) } };
}

/** The words that Go reads as a boolean; nothing is false. */
function readFlag(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['', '0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined;
}

function readHosts(manifest: Manifest, declared: Declared): void {
  const words = wordsOf(manifest, declared);
  if (words === undefined) return;
  const text = words['ssh_known_hosts'];
  if (text === undefined) {
    declared.issues.push({ path: placeOf(manifest), message: 'ssh_known_hosts is missing; add it' });
    return;
  }
  const { hosts, issues } = readKnownHosts(text, `${placeOf(manifest)} ssh_known_hosts`);
  declared.knownHosts.push(...hosts);
  declared.issues.push(...issues);
}

function readCertificates(manifest: Manifest, declared: Declared): void {
  for (const [serverName, pem] of Object.entries(wordsOf(manifest, declared) ?? {})) {
    if (pemBlocks(pem, 'CERTIFICATE').length > 0) declared.certificates.push({ serverName, pem });
    else {
      const message = 'holds no certificate; give it in PEM, from -----BEGIN CERTIFICATE-----';
      declared.issues.push({ path: `${placeOf(manifest)} ${serverName}`, message });
    }
  }
}

/** Names and values of a Secret or ConfigMap in the clear. Values never get into an issue. */
function wordsOf(manifest: Manifest, declared: Declared): Record<string, string> | undefined {
  const words: Record<string, string> = {};
  const faults: string[] = [];
  const isSecret = manifest.kind === 'Secret';
  const take = (block: 'data' | 'stringData', fault: string, read: (text: string) => string | undefined) => {
    const values = manifest[block];
    for (const [name, value] of Object.entries(isFields(values) ? values : {})) {
      const text = typeof value === 'string' ? read(value) : undefined;
      if (text === undefined) faults.push(`${block}.${name} ${fault}`);
      else setField(words, name, text);
    }
  };
  const asIs = (text: string): string => text;
  if (isSecret) take('data', 'is not base64; encode it or move it to stringData', decodeBase64);
  take(isSecret ? 'stringData' : 'data', 'must be a text; put it in quotes', asIs);
  for (const message of faults) declared.issues.push({ path: placeOf(manifest), message });
  return faults.length === 0 ? words : undefined;
}

function placeOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name ?? ''}`;
}
