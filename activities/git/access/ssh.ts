import { quoted } from '../../../core/text/shell-word.ts';
import type { PrivateFiles } from './private-files.ts';
import type { Remote } from './remote.ts';

/** Seconds without a sign of life after which a connection counts as dead, checked twice. */
const silenceSeconds = 15;

/**
 * The SSH command for one repository: nothing of the machine's own configuration, keys or agent takes part, so what is
 * registered for the repository is all that counts. It connects to a port of loopback that leads to the repository's host.
 */
export async function sshVariables(
  remote: Remote,
  files: PrivateFiles,
  port: number,
): Promise<Record<string, string>> {
  const { insecure, sshPrivateKey } = remote.credentials;
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'PreferredAuthentications=publickey',
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'LogLevel=ERROR',
    'HostName=127.0.0.1',
    `Port=${port}`,
    `HostKeyAlias=${hostKeyName(remote)}`,
    'CheckHostIP=no',
    `ConnectTimeout=${silenceSeconds}`,
    `ServerAliveInterval=${silenceSeconds}`,
    'ServerAliveCountMax=2',
  ];
  if (insecure === true) {
    options.push('StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null');
  } else {
    const known = await files.write('known_hosts', withLineEnd(remote.knownHosts));
    options.push('StrictHostKeyChecking=yes', `UserKnownHostsFile=${known}`);
  }
  const key = sshPrivateKey === undefined ? 'none' : await files.write('key', withLineEnd(sshPrivateKey));
  options.push(`IdentityFile=${key}`);
  const words = ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', option])];
  return { GIT_SSH_COMMAND: words.map(shellWord).join(' '), GIT_SSH_VARIANT: 'ssh' };
}

/** Where the server of an SSH address listens. */
export function sshEndpoint(url: string): { readonly host: string; readonly port: number } {
  const [, scpHost] = /^[^@/]+@([^:/]+|\[[^\]]+\]):/.exec(url) ?? [];
  const { hostname, port } = url.includes('://') ? new URL(url) : { hostname: scpHost ?? '', port: '' };
  return { host: decodeURIComponent(hostname).replace(/^\[|\]$/g, ''), port: Number(port || 22) };
}

/** The name by which a host's key is looked up: with the port, or as OpenSSH also does, without where only that is known. */
function hostKeyName({ url, knownHosts }: Remote): string {
  const { host, port } = sshEndpoint(url);
  const withPort = `[${host}]:${port}`;
  const names = new Set(knownHosts.split('\n').flatMap((line) => (line.split(' ')[0] ?? '').split(',')));
  return port === 22 || (names.has(host) && !names.has(withPort)) ? host : withPort;
}

/** OpenSSH rejects a key whose last line has no end, or whose lines end as on Windows: what a form often sends. */
function withLineEnd(text: string): string {
  return `${text.replace(/\r\n?/g, '\n').trimEnd()}\n`;
}

function shellWord(word: string): string {
  return /^[\w./=,@:+-]+$/.test(word) ? word : quoted(word);
}
