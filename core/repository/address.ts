import { ownField } from '../own-field.ts';
import { withoutTrailing } from '../text/trim.ts';

/** Where a repository is, in a form that is equal for all ways to write one address. */
export type RepositoryAddress = {
  /** `https`, `http`, `ssh`, `oci`, `file`; an address without a scheme is a registry's and has `oci`. */
  readonly scheme: string;
  /** Only for SSH, where another user may mean another repository. */
  readonly user: string;
  /** With its port unless that is the scheme's own. */
  readonly host: string;
  /** From its first slash, without `.git`. */
  readonly path: string;
};

/** The port of each scheme that an address is written without. */
export const defaultPorts: Readonly<Record<string, string>> = {
  https: '443',
  http: '80',
  ssh: '22',
  oci: '443',
};
const scpAddress = /^([^@/\s:]+)@(\[[^\]]+\]|[^:/\s]+):(?!\/\/)(.*)$/s;

/**
 * Reads an address as users write it; undefined when it is none. Letter case, `.git`, a user before an HTTP host and
 * the scheme's own port don't count, and `user@host:path` is the same as `ssh://user@host/path`.
 */
export function readAddress(text: string): RepositoryAddress | undefined {
  const url = text.trim().toLowerCase();
  if (url === '') return undefined;
  if (url.startsWith('/')) return { scheme: 'file', user: '', host: '', path: trimPath(url) };
  const [, user = '', host = '', path = ''] = scpAddress.exec(url) ?? [];
  if (host !== '') return parts('ssh', user, host, path.startsWith('/') ? path : `/${path}`);
  const withScheme = url.includes('://') ? url : `oci://${url}`;
  if (!URL.canParse(withScheme)) return undefined;
  // The parser resolves `..`, so a path can't pretend to lie below another one.
  const parsed = new URL(withScheme);
  const scheme = parsed.protocol.slice(0, -1).replace(/^git\+/, '');
  if (parsed.host === '' && scheme !== 'file') return undefined;
  return parts(
    scheme,
    scheme === 'ssh' ? decodeURIComponent(parsed.username) : '',
    parsed.host,
    parsed.pathname,
  );
}

/**
 * The host of an address with the ports that belong to it, each as `host:port`: a server without TLS may send to its
 * other one. None for files and what is no address.
 */
export function placesOf(url: string): string[] {
  const { scheme, host } = readAddress(url) ?? { scheme: 'file', host: '' };
  if (host === '') return [];
  const { hostname, port } = new URL(`tcp://${host}`);
  // A registry without TLS is told by a setting, and its address has no scheme.
  const ports =
    port !== '' ? [port] : (ownField(furtherPorts, scheme) ?? [ownField(defaultPorts, scheme) ?? '']);
  return ports.map((one) => `${hostname.replace(/^\[|\]$/g, '')}:${one}`);
}

const furtherPorts: Readonly<Record<string, readonly string[]>> = { http: ['80', '443'], oci: ['443', '80'] };

/** A text that is equal for all ways to write one repository's address; the address itself when it can't be read. */
export function repositoryKey(url: string): string {
  const address = readAddress(url);
  if (address === undefined) return url.trim();
  const { scheme, user, host, path } = address;
  return `${scheme}://${user === '' ? '' : `${user}@`}${host}${withoutEnd(path)}`;
}

/**
 * How much of a repository's address a template's prefix covers: the length of the common path, undefined when it
 * covers none. The prefix may end anywhere within the path, but never within the host.
 */
export function coveredBy(prefix: string, repository: string): number | undefined {
  const template = readAddress(prefix);
  const address = readAddress(repository);
  if (template === undefined || address === undefined) return undefined;
  if (template.scheme !== address.scheme || template.host !== address.host) return undefined;
  if (template.user !== '' && template.user !== address.user) return undefined;
  const path = template.path === '/' ? '' : template.path;
  // `…/team/` covers what is below the folder only, and the folder's own address is written without the slash too.
  return `${withoutEnd(address.path)}/`.startsWith(path) || address.path.startsWith(path)
    ? path.length
    : undefined;
}

/** The host of an address without its port, as certificates are registered for; empty for a path on disk. */
export function hostOf(url: string): string {
  const host = readAddress(url)?.host ?? '';
  return host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function parts(scheme: string, user: string, host: string, path: string): RepositoryAddress {
  const port = ownField(defaultPorts, scheme);
  const shown = port !== undefined && host.endsWith(`:${port}`) ? host.slice(0, -port.length - 1) : host;
  return { scheme, user, host: shown, path: trimPath(path) };
}

function trimPath(path: string): string {
  return path.replace(/\.git\/*$/, '').replace(/^\/{2,}/, '/');
}

function withoutEnd(path: string): string {
  return withoutTrailing(path, '/');
}
