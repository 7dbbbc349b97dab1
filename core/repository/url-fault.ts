import type { RepositoryType } from './words.ts';

/** Why a repository URL can't be used, with the remedy; undefined when it is fine. */
export function repositoryUrlFault(url: string, type: RepositoryType = 'git'): string | undefined {
  if (url === '') return 'is empty; name the repository';
  if (/\s/.test(url)) return `"${url}" has white space; remove it`;
  // user@host:path, the short form of SSH.
  if (/^[\w.-]+@[\w.-]+:[^/].*$/.test(url)) return undefined;
  if (url.startsWith('/')) return undefined;
  // Registries are written without a scheme.
  if (type !== 'git' && /^[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(url)) return undefined;
  if (!URL.canParse(url)) {
    return `"${url}" is not a repository URL; write it as https://host/path, ssh://user@host/path or user@host:path`;
  }
  const { protocol, password, host } = new URL(url);
  if (!allowedProtocols.has(protocol)) {
    return `"${protocol}//" can't be read; use https:// or ${type === 'git' ? 'ssh' : 'oci'}://`;
  }
  if (password !== '') {
    return 'carries a password; remove it and add the repository with its credentials instead';
  }
  if (host === '' && protocol !== 'file:') return `"${url}" names no host; add it after the slashes`;
  return undefined;
}

const allowedProtocols: ReadonlySet<string> = new Set(['https:', 'http:', 'ssh:', 'git:', 'file:', 'oci:']);
