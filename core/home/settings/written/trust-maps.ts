import { formatKnownHosts, type KnownHost } from '../../../repository/known-hosts.ts';
import type { TlsCertificate } from '../../../repository/record.ts';
import type { Values } from './secret-values.ts';

/** The key of `argocd-ssh-known-hosts-cm`. */
export const knownHostsKey = 'ssh_known_hosts';

/** A host key by what it is known under. */
type HostKey = Pick<KnownHost, 'serverName' | 'keyType'>;

/** A known_hosts file with some keys in place of those of their host and type; comments and other lines stay. */
export function withKnownHosts(
  text: string,
  saved: readonly KnownHost[],
  forgotten: readonly HostKey[] = [],
): string {
  const replaced = [...saved, ...forgotten];
  const isReplaced = (serverName: string, keyType: string): boolean =>
    replaced.some((one) => one.serverName === serverName && one.keyType === keyType);
  const kept = text.split('\n').flatMap((line) => {
    const [names = '', keyType = '', ...rest] = line.trim().split(/\s+/);
    if (names === '' || names.startsWith('#')) return [line];
    const all = names.split(',');
    const others = all.filter((name) => !isReplaced(name, keyType));
    if (others.length === all.length) return [line];
    return others.length === 0 ? [] : [[others.join(','), keyType, ...rest].join(' ')];
  });
  const before = kept.join('\n');
  return `${before === '' || before.endsWith('\n') ? before : `${before}\n`}${formatKnownHosts(saved)}`;
}

/** Bundles of hosts with some in place of others; hosts are the same in any case. */
export function withCertificates(
  values: Values,
  saved: readonly TlsCertificate[],
  forgotten: readonly Pick<TlsCertificate, 'serverName'>[] = [],
): Values {
  const replaced = new Set([...saved, ...forgotten].map(({ serverName }) => serverName.toLowerCase()));
  const kept = Object.entries(values).filter(([host]) => !replaced.has(host.toLowerCase()));
  return Object.fromEntries([...kept, ...saved.map(({ serverName, pem }) => [serverName, pem])]);
}
