import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import { withoutTrailing } from '../../core/text/trim.ts';
import { type OciRepository, parseOciAddress } from '../oci/reference.ts';

/** Where a Helm repository keeps its charts. */
export type ChartRepository =
  | { readonly kind: 'http'; readonly base: URL; readonly access: RepositoryAccess }
  | {
      readonly kind: 'oci';
      /** The repository of one chart, whose name is the last part of the path. */
      readonly of: (chart: string) => OciRepository;
      readonly access: RepositoryAccess;
    };

/**
 * Reads a Helm repository's address: with a web scheme it has an index unless it is marked as OCI; without scheme, or
 * with `oci://`, it is a registry.
 */
export function chartRepository(access: RepositoryAccess): ChartRepository {
  const address = access.url.trim();
  const isWeb = /^https?:\/\//i.test(address);
  if (access.credentials.enableOCI === true || !isWeb) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address) && !isWeb && !/^oci:/i.test(address)) {
      throw new KeelsonError(
        'source-unreachable',
        `repository ${address}: Helm repositories have https:// or oci:// addresses; correct repoURL`,
      );
    }
    return {
      kind: 'oci',
      access,
      of: (chart) => parseOciAddress(`${withoutTrailing(address, '/')}/${chart}`),
    };
  }
  const base = URL.parse(address);
  if (base === null) {
    throw new KeelsonError(
      'source-unreachable',
      'the repository address is no URL; write it as https://host/path',
    );
  }
  const { username, password } = base;
  base.username = '';
  base.password = '';
  base.hash = '';
  if (username === '' || access.credentials.username !== undefined) return { kind: 'http', base, access };
  const given = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  const credentials = { ...access.credentials, ...given };
  return { kind: 'http', base, access: { ...access, url: base.href, credentials } };
}

/** The address of a repository's index. */
export function indexAddress(base: URL): URL {
  const url = folderOf(base);
  url.pathname += 'index.yaml';
  return url;
}

function folderOf(base: URL): URL {
  const folder = new URL(base);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  return folder;
}

/** The address of a file beside the index. */
export function besideIndex(base: URL, reference: string): URL | undefined {
  const folder = folderOf(base);
  const url = URL.parse(reference, folder.href);
  if (url === null) return undefined;
  // A token in the query of the repository's address belongs to its files too.
  if (url.search === '' && url.origin === base.origin) url.search = base.search;
  return url;
}
