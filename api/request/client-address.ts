import { BlockList, isIP, isIPv4 } from 'node:net';
import { KeelsonError } from '../../core/errors.ts';

/** Which proxies are believed when they say whom they speak for. */
export type TrustedProxies = { trusts(address: string): boolean };

/** Reads addresses and ranges (`10.1.0.0/16`) of proxies. */
export function trustedProxies(ranges: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const longest = isIPv4(address) ? 32 : 128;
    const prefix = Number(bits ?? longest);
    if (isIP(address) === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > longest) {
      throw new KeelsonError(
        'invalid-argument',
        `KEELSON_TRUSTED_PROXIES: "${range}" is no address and no range; write 10.0.0.5 or 10.0.0.0/8`,
      );
    }
    list.addSubnet(address, prefix, isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return { trusts: (address) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6') };
}

/**
 * The address that a request comes from: the connection's, or the nearest one in X-Forwarded-For that is no trusted proxy
 * itself, where the connection's is. What stands further left is what strangers like.
 */
export function clientAddress(peer: string, forwarded: string | undefined, proxies: TrustedProxies): string {
  let address = plainAddress(peer);
  for (const part of (forwarded ?? '').split(',').reverse()) {
    if (isIP(address) === 0 || !proxies.trusts(address)) break;
    const before = plainAddress(part.trim());
    if (isIP(before) === 0) break;
    address = before;
  }
  return address;
}

/** The part of an address that one caller has. */
export function countedAs(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const between = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: between }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':');
}

/** An IPv4 address that a socket of both families shows as one of IPv6. */
function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? address;
}
