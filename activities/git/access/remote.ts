import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { KeelsonError } from '../../../core/errors.ts';
import { formatJson } from '../../../core/object/json/json.ts';
import type { RepositoryAccess, RepositoryCredentials } from '../../../core/repository/access.ts';
import { placesOf } from '../../../core/repository/address.ts';
import { withoutTrailing } from '../../../core/text/trim.ts';

/** Ways of reaching a repository. */
export type GitProtocol = 'file' | 'http' | 'https' | 'ssh';

/** A repository with an address that is safe to pass to Git, to name in messages and to key a cache by. */
export type Remote = {
  /** Without a password; only an SSH address has a user, who is part of the place. */
  readonly url: string;
  readonly protocol: GitProtocol;
  readonly credentials: RepositoryCredentials;
  /** Lines of a known_hosts file. */
  readonly knownHosts: string;
  /** PEM bundle that is trusted instead of the system's. */
  readonly caBundle?: string | undefined;
  /** Places, as `host:port`, that may have private addresses. */
  readonly opened: readonly string[];
};

/** `user@host:path`, where the path starts at the user's home; the user may not look like an option. */
const scpAddress = /^([^-/\s:@][^/\s:@]*)@([^-/\s:@][^/\s:@]*):(?!\/\/)(\S+)$/;

/** Reads a repository address as users write it, and moves a password out of it. */
export function parseRemote(access: RepositoryAccess, protocols: readonly GitProtocol[]): Remote {
  const text = access.url.trim();
  if (text === '') throw refused('the repository address is empty', 'set repoURL');
  const opened = access.fromSource === true ? [] : placesOf(text);
  const rest = { knownHosts: access.knownHosts, caBundle: access.caBundle, opened };
  if (scpAddress.test(text)) {
    allowed('ssh', text, protocols);
    return { url: text, protocol: 'ssh', credentials: access.credentials, ...rest };
  }
  const url = text.startsWith('/') ? pathToFileURL(text) : readUrl(text, protocols);
  if (url.protocol === 'git+ssh:' || url.protocol === 'ssh+git:') {
    return parseRemote({ ...access, url: text.replace(/^[a-z+]+:/i, 'ssh:') }, protocols);
  }
  const protocol = allowed(url.protocol.slice(0, -1), withoutUser(url), protocols);
  if (protocol === 'ssh') return { ...sshRemote(url, access.credentials), ...rest };
  const credentials = { ...(isOpen(access.credentials) ? loginOf(url) : {}), ...access.credentials };
  return { url: withoutUser(url), protocol, credentials, ...rest };
}

/** The name of a repository's mirror on disk. */
export function mirrorName(remote: Remote): string {
  return createHash('sha256').update(withoutTrailing(remote.url, '/')).digest('hex').slice(0, 32);
}

/** Who reads the repository, as a word to remember in memory what they were shown. */
export function readerOf(remote: Remote): string {
  const { url, credentials, opened } = remote;
  return createHash('sha256')
    .update(formatJson([url, credentials, opened]))
    .digest('hex');
}

/** The directory a `file://` address names, for checks on it. */
export function directoryOf(remote: Remote): string | undefined {
  return remote.protocol === 'file' ? resolve(fileURLToPath(remote.url)) : undefined;
}

/** Whether nothing is configured by which a server could tell who asks. */
export function isOpen({
  password,
  bearerToken,
  sshPrivateKey,
  githubAppPrivateKey,
}: RepositoryCredentials): boolean {
  return [password, bearerToken, sshPrivateKey, githubAppPrivateKey].every((one) => one === undefined);
}

/** How an address of each protocol is written. */
const forms: Readonly<Record<GitProtocol, string>> = {
  https: 'https://host/path',
  http: 'http://host/path',
  ssh: 'git@host:path',
  file: 'file:///path',
};

function readUrl(text: string, protocols: readonly GitProtocol[]): URL {
  try {
    return new URL(text);
  } catch {
    // The parser's own message would repeat the address with its password.
    throw refused(
      'the repository address is not a URL',
      `write it as ${protocols.map((one) => forms[one]).join(' or ')}`,
    );
  }
}

function allowed(protocol: string, shown: string, protocols: readonly GitProtocol[]): GitProtocol {
  const found = protocols.find((one) => one === protocol);
  if (found !== undefined) return found;
  throw refused(
    `repository ${shown}: ${protocol}:// addresses are not allowed`,
    `use one of ${protocols.map((one) => `${one}://`).join(', ')}`,
  );
}

function sshRemote(
  url: URL,
  credentials: RepositoryCredentials,
): Pick<Remote, 'url' | 'protocol' | 'credentials'> {
  const place = new URL(url);
  place.password = '';
  place.hash = '';
  // Git decodes both, and its programs could take such a name for an option.
  const names = [decodeURIComponent(place.username), decodeURIComponent(place.hostname)];
  if (place.hostname === '' || names.some((name) => name.startsWith('-'))) {
    throw refused('the repository address has no usable host', 'write it as ssh://git@host/path');
  }
  return { url: place.href, protocol: 'ssh', credentials };
}

function loginOf(url: URL): RepositoryCredentials {
  if (url.password !== '') {
    return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  }
  // `https://<token>@host/...` is how several hosts document token access.
  return url.username === '' ? {} : { password: decodeURIComponent(url.username) };
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
