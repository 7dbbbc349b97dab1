import { KeelsonError } from '../../core/errors.ts';
import { lastLines, maskText } from '../../platform/mask.ts';
import type { Remote } from './remote.ts';

type Cause = {
  readonly reason: string;
  readonly pattern: RegExp;
  readonly retryable: boolean;
  readonly sentence: (remote: Remote) => string;
};

const credentialWords = (remote: Remote): string =>
  remote.credentials === undefined
    ? 'it asks for credentials and none are configured; add them to the repository'
    : 'it refused the configured credentials; renew them in the repository';

/** What Git prints, by cause; the first match wins, so the more telling ones come first. */
const causes: readonly Cause[] = [
  {
    reason: 'dns',
    pattern: /could not resolve host|name or service not known|name resolution/i,
    retryable: true,
    sentence: () => 'its host name cannot be resolved (DNS); check the spelling and the DNS of the workers',
  },
  {
    reason: 'auth',
    pattern: /could not read (username|password)|authentication failed|terminal prompts disabled|error: 401/i,
    retryable: false,
    sentence: credentialWords,
  },
  {
    reason: 'forbidden',
    pattern: /error: 403/i,
    retryable: false,
    sentence: () => 'access is forbidden (403); give the configured credentials read access to it',
  },
  {
    reason: 'not-found',
    pattern: /repository .*not found|error: (404|410)|does not appear to be a git repository|does not exist/i,
    retryable: false,
    sentence: () => 'it was not found; check the address, and the credentials if it is private',
  },
  {
    reason: 'not-git',
    pattern: /not valid: is this a git repository|unable to update url base|invalid (server|content)/i,
    retryable: false,
    sentence: () => 'what answers there is not a Git server; check the address',
  },
  {
    reason: 'ownership',
    pattern: /dubious ownership/i,
    retryable: false,
    sentence: () => 'the directory belongs to another user; give it to the user that runs Keelson',
  },
  {
    reason: 'tls',
    pattern: /certificate|gnutls|ssl|tls handshake/i,
    retryable: false,
    sentence: () => 'its TLS certificate was not accepted; add its authority to the trusted certificates',
  },
  {
    reason: 'connection',
    pattern:
      /failed to connect|could ?n.t connect|connection (refused|timed out|reset)|empty reply|early eof|hung up|disconnect|rpc failed|too slow|transfer closed/i,
    retryable: true,
    sentence: () => 'the connection failed; check that the host is up and reachable from the workers',
  },
  {
    reason: 'server',
    pattern: /error: (429|5\d\d)/i,
    retryable: true,
    sentence: () => 'the server failed to answer; it is tried again, look at the server if it stays',
  },
];

/** The cause of a failed remote command in words, with what to do about it; nothing secret is repeated. */
export function remoteFailure(remote: Remote, stderr: string): KeelsonError {
  const cause = causes.find(({ pattern }) => pattern.test(stderr));
  const secrets = [remote.credentials?.password ?? '', remote.credentials?.username ?? ''];
  const printed = maskText(lastLines(stderr, { lines: 2, characters: 300 }), secrets);
  const sentence = cause?.sentence(remote) ?? 'git failed; read its message';
  return new KeelsonError('source-unreachable', `repository ${remote.url}: ${sentence} (git: ${printed})`, {
    retryable: cause?.retryable ?? true,
    details: { reason: cause?.reason ?? 'unknown' },
  });
}

/** Whether a failed fetch means that the server does not have, or does not hand out, the wanted commit. */
export function isMissingCommit(stderr: string): boolean {
  return /not our ref|unadvertised object|couldn't find remote ref|bad object|dumb http transport|does not support shallow/i.test(
    stderr,
  );
}
