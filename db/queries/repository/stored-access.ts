import { sql } from 'drizzle-orm';
import { hostOf, readAddress, repositoryKey } from '../../../core/repository/address.ts';
import type { KnownHost } from '../../../core/repository/known-hosts.ts';
import type { Database } from '../../client.ts';
import { loadTogether } from '../../load-together.ts';
import { certificates, repositories, repositoryTemplates } from '../../schema/repository.ts';
import type { CertificateRow } from './certificate.ts';
import type { RepositoryRow } from './repository.ts';
import type { TemplateRow } from './repository-template.ts';

/** A repository without what was listed of it, which may be thousands of refs. */
export type StoredRepository = Pick<
  RepositoryRow,
  'url' | 'urlKey' | 'project' | 'registered' | 'type' | 'failures' | 'connectionMessage' | 'credentials'
>;

/** What is stored about the way to one address. */
export type StoredAccess = {
  /** Of every project, in any way to write the address. */
  readonly repositories: readonly StoredRepository[];
  readonly templates: readonly Pick<TemplateRow, 'url' | 'type' | 'credentials'>[];
  /** Keys of all SSH hosts, for an address of SSH. */
  readonly hosts: readonly KnownHost[];
  /** What is trusted for the host instead of the system's certificates. */
  readonly bundle: string | undefined;
};

/** As JSON carries it. */
type Encoded<Row extends { readonly credentials: unknown }> = Omit<Row, 'credentials'> & {
  readonly credentials: string | null;
};

type Found = {
  readonly repositories: readonly Encoded<StoredRepository>[];
  readonly templates: readonly Encoded<StoredAccess['templates'][number]>[];
  readonly certificates: readonly Pick<CertificateRow, 'type' | 'serverName' | 'keyType' | 'content'>[];
};

/** What is stored about the way to an address, in one statement for all that ask at the same moment. */
export async function storedAccess(db: Database, url: string): Promise<StoredAccess> {
  return (await load(db, url)) ?? { repositories: [], templates: [], hosts: [], bundle: undefined };
}

const load = loadTogether<StoredAccess>(async (db, urls) => {
  const keys = urls.map(repositoryKey);
  const hosts = urls.map(hostOf).filter((host) => host !== '');
  const { rows } = await db.execute<Found>(sql`select
    (select coalesce(jsonb_agg(jsonb_build_object('url', url, 'urlKey', url_key, 'project', project, 'type', type,
          'registered', registered, 'failures', failures, 'connectionMessage', connection_message,
          'credentials', encode(credentials, 'base64'))), '[]')
      from ${repositories}
      where url_key = any(${sql.param(keys)}::text[]) or url = any(${sql.param([...urls])}::text[])) as repositories,
    (select coalesce(jsonb_agg(jsonb_build_object('url', url, 'type', type,
          'credentials', encode(credentials, 'base64')) order by url), '[]')
      from ${repositoryTemplates}) as templates,
    (select coalesce(jsonb_agg(jsonb_build_object('type', type, 'serverName', server_name, 'keyType', key_type,
          'content', content) order by server_name, key_type), '[]')
      from ${certificates}
      where type = 'ssh' and ${urls.some(isSsh)}::boolean
        or type = 'https' and server_name = any(${sql.param(hosts)}::text[])) as certificates`);
  const [found] = rows;
  return new Map(found === undefined ? [] : urls.map((url) => [url, accessIn(found, url)]));
});

/** The repository as a project's applications read it: the project's own record counts before one of all projects. */
export function readBy(
  { repositories: known }: StoredAccess,
  url: string,
  project: string,
): StoredRepository | undefined {
  const rank = (row: StoredRepository): number =>
    (row.registered ? 4 : 0) + (row.project === project ? 2 : 0) + (row.url === url ? 1 : 0);
  return known
    .filter((row) => row.project === project || row.project === '')
    .sort((left, right) => rank(right) - rank(left) || (left.url < right.url ? -1 : 1))[0];
}

function accessIn(found: Found, url: string): StoredAccess {
  const key = repositoryKey(url);
  const host = hostOf(url);
  const ssh = isSsh(url);
  return {
    repositories: found.repositories
      .filter((row) => row.url === url || row.urlKey === key)
      .map((row) => ({ ...row, credentials: decoded(row.credentials) })),
    templates: found.templates.map((row) => ({
      ...row,
      credentials: decoded(row.credentials) ?? Buffer.alloc(0),
    })),
    hosts: found.certificates
      .filter(({ type }) => ssh && type === 'ssh')
      .map(({ serverName, keyType, content }) => ({ serverName, keyType, key: content })),
    bundle: found.certificates.find(({ type, serverName }) => !ssh && type === 'https' && serverName === host)
      ?.content,
  };
}

function isSsh(url: string): boolean {
  return readAddress(url)?.scheme === 'ssh';
}

function decoded(credentials: string | null): Buffer | null {
  return credentials === null ? null : Buffer.from(credentials, 'base64');
}
