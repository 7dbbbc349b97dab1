import type { Issue } from '../issue.ts';

/** A host's public key, as one line of a known_hosts file has it. */
export type KnownHost = {
  /** Name, `[name]:port`, or the hash of either; several in one line become several entries. */
  readonly serverName: string;
  readonly keyType: string;
  /** Base64 of the key. */
  readonly key: string;
};

const keyTypes: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-dss',
]);

/** Reads a known_hosts file; every line that can't be used is named. */
export function readKnownHosts(
  text: string,
  name: string,
): { readonly hosts: readonly KnownHost[]; readonly issues: readonly Issue[] } {
  const hosts: KnownHost[] = [];
  const issues: Issue[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/\s+/);
    const [names = '', keyType = '', key = ''] = words;
    if (names === '' || names.startsWith('#')) continue;
    const fault = faultOf(names, keyType, key);
    if (fault !== undefined) issues.push({ path: `${name}:${index + 1}`, message: fault });
    else for (const serverName of names.split(',')) hosts.push({ serverName, keyType, key });
  }
  return { hosts, issues };
}

function faultOf(names: string, keyType: string, key: string): string | undefined {
  if (names.startsWith('@')) {
    return `${names} lines are not supported; register the host's own key instead`;
  }
  if (!keyTypes.has(keyType)) {
    return `"${keyType}" is no type of a host key; write it as ssh-keyscan prints it: HOST TYPE KEY`;
  }
  // The key repeats its type: a blob that doesn't is cut off or another one.
  const begins = decodedStart(key);
  if (begins === undefined || !begins.includes(keyType.replace(/^sk-|@openssh\.com$/g, '').slice(0, 11))) {
    return 'the key is damaged; copy the whole line again';
  }
  return undefined;
}

function decodedStart(key: string): string | undefined {
  if (!/^[A-Za-z0-9+/]{40,}={0,2}$/.test(key)) return undefined;
  try {
    return atob(key).slice(0, 64);
  } catch {
    // Not base64: the caller says that the key is damaged.
    return undefined;
  }
}

/** The lines of a known_hosts file. */
export function formatKnownHosts(hosts: readonly KnownHost[]): string {
  return hosts.map(({ serverName, keyType, key }) => `${serverName} ${keyType} ${key}\n`).join('');
}

/**
 * Keys of the large public hosts, which they publish themselves; a first start registers them, so that they can be
 * looked at, replaced and removed as all others.
 */
export const wellKnownHosts: readonly KnownHost[] = [
  {
    serverName: 'github.com',
    keyType: 'ssh-ed25519',
    key: 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
  },
  {
    serverName: 'gitlab.com',
    keyType: 'ssh-ed25519',
    key: 'AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf',
  },
  {
    serverName: 'bitbucket.org',
    keyType: 'ssh-ed25519',
    key: 'AAAAC3NzaC1lZDI1NTE5AAAAIIazEu89wgQZ4bqs3d63QSMzYVa0MuJ2e2gKTKqu+UUO',
  },
];
