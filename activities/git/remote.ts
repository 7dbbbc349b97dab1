import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { KeelsonError } from '../../core/errors.ts';

/** User and password (or token) for one repository. */
export type GitCredentials = { readonly username?: string; readonly password: string };

/** Ways of reaching a repository. */
export type GitProtocol = 'file' | 'http' | 'https';

/** A repository address that is safe to pass to Git, to name in messages and to key a cache by. */
export type Remote = {
  /** Without a user part: credentials never travel in an address. */
  readonly url: string;
  readonly protocol: GitProtocol;
  readonly credentials?: GitCredentials;
};

const scpAddress = /^[^/\s:]+@[^/\s:]+:/;

/** Reads a repository address as users write it, and moves a user part into credentials. */
export function parseRemote(
  repoUrl: string,
  protocols: readonly GitProtocol[],
  given?: GitCredentials,
): Remote {
  const text = repoUrl.trim();
  if (text === '') throw refused('the repository address is empty', 'set repoURL');
  if (scpAddress.test(text) || /^(ssh|git\+ssh):/i.test(text)) {
    const shown = text.replace(/^[^@]*@/, '').replace(/^[a-z+]+:\/\//i, '');
    throw refused(`repository ${shown}: SSH addresses are not supported yet`, 'use the https:// address');
  }
  const url = text.startsWith('/') ? pathToFileURL(text) : readUrl(text);
  const protocol = url.protocol.slice(0, -1);
  const allowed = protocols.find((one) => one === protocol);
  if (allowed === undefined) {
    throw refused(
      `repository ${withoutUser(url)}: ${protocol}:// addresses are not allowed`,
      `use one of ${protocols.map((one) => `${one}://`).join(', ')}`,
    );
  }
  const credentials = given ?? credentialsOf(url);
  return {
    url: withoutUser(url),
    protocol: allowed,
    ...(credentials === undefined ? {} : { credentials }),
  };
}

/** The name of a repository's mirror on disk. */
export function mirrorName(remote: Remote): string {
  return createHash('sha256').update(remote.url.replace(/\/+$/, '')).digest('hex').slice(0, 32);
}

/** The directory a `file://` address names, for checks on it. */
export function directoryOf(remote: Remote): string | undefined {
  return remote.protocol === 'file' ? resolve(fileURLToPath(remote.url)) : undefined;
}

function readUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    // The parser's own message would repeat the address with its password.
    throw refused('the repository address is not a URL', 'write it as https://host/path or file:///path');
  }
}

function credentialsOf(url: URL): GitCredentials | undefined {
  if (url.password !== '') {
    return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  }
  // `https://<token>@host/...` is how several hosts document token access.
  return url.username === '' ? undefined : { password: decodeURIComponent(url.username) };
}

function withoutUser(url: URL): string {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  copy.hash = '';
  return copy.href;
}

function refused(what: string, remedy: string): KeelsonError {
  return new KeelsonError('source-unreachable', `${what}; ${remedy}`);
}
