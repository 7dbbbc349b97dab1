import type { Repository, RepositoryTemplate } from '../../core/wire/repository.ts';
import type { Certificate, GpgKey } from '../../core/wire/trust.ts';
import { formatField, formatTable } from '../terminal/table.ts';

const repositoryHeader = [
  'TYPE',
  'NAME',
  'REPO',
  'INSECURE',
  'OCI',
  'LFS',
  'CREDS',
  'STATUS',
  'MESSAGE',
  'PROJECT',
];

/** The table of `repo list`. */
export function formatRepositories(repositories: readonly Repository[]): string {
  const rows = repositories.map((one) => [
    one.type || 'git',
    one.name ?? '',
    one.repo,
    String(one.insecure === true),
    String(one.enableOCI === true),
    String(one.enableLfs === true),
    one.inheritedCreds === true ? 'inherited' : String(one.hasCredentials === true),
    one.connectionState?.status ?? '',
    one.connectionState?.message ?? '',
    one.project ?? '',
  ]);
  return formatTable(repositoryHeader, rows);
}

/** The table of `repocreds list`. */
export function formatTemplates(templates: readonly RepositoryTemplate[]): string {
  const rows = templates.map((one) => [
    one.url,
    one.type || 'git',
    one.username ?? '',
    String(one.hasCredentials === true),
  ]);
  return formatTable(['URL PATTERN', 'TYPE', 'USERNAME', 'CREDS'], rows);
}

/** The table of `cert list`. */
export function formatCertificates(certificates: readonly Certificate[]): string {
  const rows = certificates.map((one) => [
    one.serverName,
    one.certType,
    one.certSubType ?? '',
    one.certInfo ?? '',
  ]);
  return formatTable(['HOSTNAME', 'TYPE', 'SUBTYPE', 'INFO'], rows);
}

/** The table of `gpg list`. */
export function formatGpgKeys(keys: readonly GpgKey[]): string {
  const rows = keys.map((one) => [one.keyID, (one.subType ?? '').toUpperCase(), one.owner ?? '']);
  return formatTable(['KEYID', 'TYPE', 'IDENTITY'], rows);
}

/** One key for people. */
export function formatGpgKey(key: GpgKey): string {
  return [
    formatField('Key ID', key.keyID),
    formatField('Key fingerprint', key.fingerprint ?? ''),
    formatField('Key subtype', (key.subType ?? '').toUpperCase()),
    formatField('Key owner', key.owner ?? ''),
    `Key data follows until EOF:\n${key.keyData ?? ''}`,
  ].join('');
}
