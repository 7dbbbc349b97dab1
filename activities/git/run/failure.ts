import { KeelsonError } from '../../../core/errors.ts';
import { lastLines, maskText } from '../../../platform/mask.ts';
import { isOpen, type Remote } from '../access/remote.ts';

type Cause = {
  readonly reason: string;
  readonly pattern: RegExp;
  readonly retryable: boolean;
  readonly sentence: (remote: Remote, stderr: string) => string;
};

const credentialWords = (remote: Remote): string =>
  isOpen(remote.credentials)
    ? 'it asks for credentials and none are configured; add them to the repository'
    : 'it refused the configured credentials; renew them in the repository';

/** Prints the keys of an address' host; at another port than SSH's own a host has other keys. */
function keyScan(url: string): string {
  const port = /^ssh:/i.test(url) ? new URL(url).port : '';
  return `ssh-keyscan ${port === '' ? '' : `-p ${port} `}${hostOf(url)}`;
}

/** What Git prints, by cause; the first match wins, so the more telling ones come first. */
const causes: readonly Cause[] = [
  {
    reason: 'refused-address',
    pattern: /is (a private address|an address of the machine)/i,
    retryable: false,
    sentence: () =>
      'it leads to an address that may not be reached from there; register the repository, list its host in ' +
      'KEELSON_RENDER_PRIVATE_HOSTS, or correct the address',
  },
  {
    reason: 'dns',
    pattern: /could not resolve host(name)?|name or service not known|name resolution/i,
    retryable: true,
    sentence: () => 'its host name cannot be resolved (DNS); check the spelling and the DNS of the workers',
  },
  {
    reason: 'host-key-changed',
    pattern: /remote host identification has changed|host key for .{0,300} has changed/i,
    retryable: false,
    sentence: ({ url }) =>
      'its SSH host key is not the one that is registered; somebody may stand in between. If the host really has a ' +
      `new key, replace it: ${keyScan(url)} | keelson cert add-ssh --batch --upsert`,
  },
  {
    reason: 'host-key',
    pattern: /host key verification failed|no .{0,300}host key is known/i,
    retryable: false,
    sentence: ({ url }) =>
      'its SSH host key is not known; compare it with what the host publishes and add it: ' +
      `${keyScan(url)} | keelson cert add-ssh --batch`,
  },
  {
    reason: 'key',
    pattern: /load key .{0,300}(invalid format|libcrypto|passphrase|unsupported)/i,
    retryable: false,
    sentence: () =>
      'its SSH private key cannot be used; store an OpenSSH or PEM key without a passphrase in the repository',
  },
  {
    reason: 'tool-missing',
    pattern: /cannot run ssh|ssh: not found/i,
    retryable: false,
    sentence: () => 'the workers have no ssh program; install the OpenSSH client where they run',
  },
  {
    reason: 'lfs-missing',
    pattern:
      /git-lfs: not found|'lfs' is not a git command|git-lfs filter-process.{0,300}: (command )?not found/i,
    retryable: false,
    sentence: () => 'it keeps files in LFS and the workers have no git-lfs; install it where they run',
  },
  {
    reason: 'lfs-not-found',
    pattern: /object does not exist on the server|\[404\]/i,
    retryable: false,
    sentence: () => 'a file kept in LFS is not on its LFS server; push it with git lfs push --all',
  },
  {
    reason: 'proxy',
    pattern: /could not resolve proxy|http code \d+ from proxy|proxy connect aborted|connect tunnel failed/i,
    retryable: false,
    sentence: () => 'its proxy refused or cannot be reached; check the proxy of the repository',
  },
  {
    reason: 'client-certificate',
    // GnuTLS says no more than that the server broke off after the handshake.
    pattern: /certificate (is )?required|no required ssl certificate|recv error \(-12\)/i,
    retryable: false,
    sentence: () => 'it asks for a TLS client certificate or refuses the one given; add another with its key',
  },
  {
    reason: 'redirect',
    pattern: /error: 30[12378]/i,
    retryable: false,
    sentence: () =>
      'it sends to another address, where these credentials are not sent; use the address that it sends to',
  },
  {
    reason: 'auth',
    pattern:
      /permission denied \(|could not read (username|password)|authentication failed|terminal prompts disabled|error: 401/i,
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
    pattern:
      /repository .{0,300}not found|error: (404|410)|does not appear to be a git repository|does not exist/i,
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
    sentence: (_, stderr) => {
      const fault = faultLine.exec(stderr)?.[1];
      return fault === undefined
        ? 'TLS failed, and not for its own certificate; use the address that it sends to, or let it offer TLS 1.2 or ' +
            '1.3 with usual ciphers'
        : `its TLS certificate ${fault}`;
    },
  },
  {
    reason: 'connection',
    pattern:
      /failed to connect|could ?n.t connect|connection (refused|timed out|reset|closed)|empty reply|early eof|hung up|disconnect|rpc failed|too slow|transfer closed|endpoint is not connected/i,
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
  const printed = maskText(lastLines(told(stderr), { lines: 2, characters: 300 }), secretsOf(remote));
  const sentence = cause?.sentence(remote, stderr) ?? 'git failed; read its message';
  return new KeelsonError('source-unreachable', `repository ${remote.url}: ${sentence} (git: ${printed})`, {
    retryable: cause?.retryable ?? true,
    details: { reason: cause?.reason ?? 'unknown' },
  });
}

/** Without the advice that Git adds to every failure over SSH, and what the sentence says. */
function told(stderr: string): string {
  return (
    stderr
      .split('\n')
      .filter((line) => !/^(Please make sure you have the correct|and the repository exists)/.test(line))
      .filter((line) => !faultLine.test(line))
      // A file of this one run.
      .map((line) => line.split(' CAfile: ', 1).join())
      .join('\n')
  );
}

/** The line that a look at the host's certificate adds to what Git printed. */
const faultLine = /^its certificate: (.+)$/m;

/** What Git printed, with what is wrong with the certificate of its host. */
export function withFault(stderr: string, fault: string): string {
  return `${stderr}\nits certificate: ${fault}`;
}

/** Whether TLS failed, be it for a certificate or for something else. */
export function isTlsFailure(stderr: string): boolean {
  return causes.find(({ pattern }) => pattern.test(stderr))?.reason === 'tls';
}

function secretsOf({ credentials }: Remote): string[] {
  const { username = '', password = '', bearerToken = '', proxy = '' } = credentials;
  const pair = Buffer.from(`${username}:${password}`).toString('base64');
  return [username, password, bearerToken, proxy, pair];
}

function hostOf(url: string): string {
  return /^(?:[a-z+]+:\/\/)?(?:[^@/]*@)?\[?([^\]:/]+)/.exec(url)?.[1] ?? 'HOST';
}

/** Whether the server did not let in whoever asked. */
export function isRefusal(stderr: string): boolean {
  return causes.find(({ pattern }) => pattern.test(stderr))?.reason === 'auth';
}

/** Whether a checkout failed over a file that is kept in LFS. */
export function isLfsFailure(stderr: string): boolean {
  return /git-lfs|smudge filter lfs/i.test(stderr);
}

/** Whether a failed fetch means that the server does not have, or does not hand out, the wanted commit. */
export function isMissingCommit(stderr: string): boolean {
  return /not our ref|unadvertised object|couldn't find remote ref|bad object|dumb http transport|does not support shallow/i.test(
    stderr,
  );
}
